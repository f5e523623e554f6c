use proc_macro2::{Ident, Span};

use super::super::parse::Options;
use crate::shared::{Mistakes, name, options::Slot as _};

/// What the options say of a handler.
pub(in super::super) struct Described {
    pub(in super::super) name: String,
    pub(in super::super) was: Vec<String>,
    pub(in super::super) role: Option<String>,
    pub(in super::super) subscription: Option<(Subscription, Span)>,
    pub(in super::super) is_linked: bool,
}

/// Which deliveries reach it, other than by default.
#[derive(Clone, Copy)]
pub(in super::super) enum Subscription {
    Replay,
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
    match (options.once_per.keyword(), options.replay.keyword()) {
        (Some(_), Some(replay)) => {
            let message = "`replay` doesn't go with `once_per`: a view is built in every process, \
                           an effect made in one; write two handlers";
            mistakes.add(replay, message);
            None
        }
        (Some(once_per), None) => Some((Subscription::OncePerService, once_per.span())),
        (None, Some(replay)) => Some((Subscription::Replay, replay.span())),
        (None, None) => None,
    }
}
