use proc_macro2::{Ident, Span};

use super::super::parse::Options;
use super::{Retry, whole_number};
use crate::shared::{Mistakes, name, options::Slot as _};

/// What the options say of a handler.
pub(in super::super) struct Described {
    pub(in super::super) name: String,
    pub(in super::super) was: Vec<String>,
    pub(in super::super) role: Option<String>,
    pub(in super::super) subscription: Option<(Subscription, Span)>,
    pub(in super::super) concurrency: Option<(usize, Span)>,
    pub(in super::super) retry: Option<Retry>,
    pub(in super::super) is_linked: bool,
}

/// Which deliveries reach it, other than by default.
#[derive(Clone, Copy)]
pub(in super::super) enum Subscription {
    Replay,
    Resume,
    OncePerService,
}

impl Described {
    /// `own` is the name of the function or the type, if it has one.
    pub(super) fn check(options: &Options, own: Option<&Ident>, mistakes: &mut Mistakes) -> Self {
        let name = match (options.name.get(), own) {
            (None, None) => String::new(),
            // One that was written and misspelt has been reported.
            (None, _) if options.name.keyword().is_some() => String::new(),
            (Some(written), None) => name::written(written, mistakes),
            (written, Some(own)) => name::written_or_own(written, own, "#[handler(name = \"…\")]", mistakes),
        };
        Self {
            was: was(options, &name, mistakes),
            role: options.role.get().map(|role| name::written(role, mistakes)),
            subscription: subscription(options, mistakes),
            concurrency: concurrency(options, mistakes),
            retry: options.retry.as_ref().map(|written| Retry::check(written, mistakes)),
            is_linked: !options.unlinked.is_set(),
            name,
        }
    }
}

fn was(options: &Options, name: &str, mistakes: &mut Mistakes) -> Vec<String> {
    let mut names = Vec::new();
    for written in &options.was.names {
        let former = name::written(written, mistakes);
        if former == name {
            mistakes.add(written, "this is the name it has now: `was` says the ones it had before");
        } else if names.contains(&former) {
            mistakes.add(written, format!("`{former}` is written twice: keep one"));
        }
        names.push(former);
    }
    names
}

fn subscription(options: &Options, mistakes: &mut Mistakes) -> Option<(Subscription, Span)> {
    if let Some(what) = options.once_per.get()
        && what.value() != "service"
    {
        mistakes.add(what, "a handler runs once per service: write `once_per = \"service\"`");
    }
    let (once_per, replay, resume) = (options.once_per.keyword(), options.replay.keyword(), options.resume.keyword());
    if let (Some(_), Some(replay)) = (once_per, replay) {
        let message = "`replay` doesn't go with `once_per`: a view is built in every process, \
                       an effect made in one; write two handlers";
        mistakes.add(replay, message);
    }
    if let (Some(other), Some(resume)) = (once_per.or(replay), resume) {
        let message =
            "a node that stopped goes on from there, which is neither every process nor one node of the service";
        mistakes.add(resume, format!("`resume` doesn't go with `{other}`: {message}; write two handlers"));
    }
    let once_per = once_per.map(|option| (Subscription::OncePerService, option.span()));
    let replay = replay.map(|option| (Subscription::Replay, option.span()));
    let resume = resume.map(|option| (Subscription::Resume, option.span()));
    once_per.or(replay).or(resume)
}

/// The most messages at a time that a handler may be given; a node has fewer in flight by far.
const MOST_AT_A_TIME: usize = 10_000;

fn concurrency(options: &Options, mistakes: &mut Mistakes) -> Option<(usize, Span)> {
    let in_order = options.replay.keyword().or(options.resume.keyword());
    if let (Some(option), Some(in_order)) = (options.concurrency.keyword(), in_order) {
        let message =
            format!("a handler with `{in_order}` takes one event at a time, in their order: remove `{option}`");
        mistakes.add(option, message);
    }
    let (keyword, value) = (options.concurrency.keyword()?, options.concurrency.get()?);
    let number = whole_number(value).filter(|number| (1..=MOST_AT_A_TIME).contains(number));
    if number.is_none() {
        let message = format!("how many messages it takes at a time is a whole number from 1 to {MOST_AT_A_TIME}");
        mistakes.add(value, message);
    }
    number.map(|number| (number, keyword.span()))
}
