use std::ops::RangeInclusive;
use std::time::Duration;

use syn::{Lit, Path};

use super::super::parse;
use super::whole_number;
use crate::shared::{Mistakes, Value, options::Slot as _};

/// What happens after a handler has failed, other than by default.
pub(in super::super) enum Retry {
    Never,
    With(Path),
    Planned(Plan),
}

/// What is said of the built-in policy.
pub(in super::super) struct Plan {
    pub(in super::super) numbers: Vec<(&'static str, u32)>,
    pub(in super::super) durations: Vec<(&'static str, Duration)>,
}

/// What holds where an option isn't written, as in `catga_core::retry::Retry::DEFAULT`.
const ATTEMPTS: u32 = 10;
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(30);

/// The longest delay, as in `catga_core::retry`.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Retry {
    pub(super) fn check(written: &parse::Retry, mistakes: &mut Mistakes) -> Self {
        let plan = plan(written, mistakes);
        let alone = match (written.with.keyword(), written.never.keyword()) {
            (Some(with), never) => {
                if let Some(never) = never {
                    mistakes.add(never, "`never` doesn't go with `with`: keep one");
                }
                with
            }
            (None, Some(never)) => never,
            (None, None) => return Self::Planned(plan),
        };
        for option in written.of_the_plan().into_iter().filter_map(|option| option.keyword()) {
            mistakes.add(option, format!("`{alone}` decides alone: remove `{option}`"));
        }
        written.with.get().map_or(Self::Never, |parse::PolicyPath(path)| Self::With(path.clone()))
    }
}

fn plan(written: &parse::Retry, mistakes: &mut Mistakes) -> Plan {
    let parse::Retry { attempts, attempts_of_sent, immediate, jitter, first, longest, grace, .. } = written;
    let never = "counts the first attempt as well, so it is at least 1: \
                 for a handler that never runs again write `retry(never)`";
    let most = number(attempts, 1..=u32::MAX, never, mistakes);
    let of_sent =
        number(attempts_of_sent, 1..=u32::MAX, "counts the first attempt as well, so it is at least 1", mistakes);
    let most_at_once = most.unwrap_or(ATTEMPTS).saturating_sub(1);
    let at_once = format!("is at most {most_at_once}, one less than all attempts");
    let at_once = number(immediate, 0..=most_at_once, &at_once, mistakes);
    let percent = number(jitter, 0..=100, "is given in percent, at most 100", mistakes);
    let [beginning, end, period] = [first, longest, grace].map(|option| duration(option, mistakes));
    check_order((first, beginning), (longest, end), mistakes);
    let numbers = [("attempts", most), ("attempts_of_sent", of_sent), ("immediate", at_once), ("jitter", percent)];
    let durations = [("first", beginning), ("longest", end), ("grace", period)];
    Plan { numbers: said(numbers), durations: said(durations) }
}

/// Those that were written.
fn said<T>(options: impl IntoIterator<Item = (&'static str, Option<T>)>) -> Vec<(&'static str, T)> {
    options.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// That the first delay isn't longer than the longest one.
fn check_order(
    (first, beginning): (&Value<Lit>, Option<Duration>),
    (longest, end): (&Value<Lit>, Option<Duration>),
    mistakes: &mut Mistakes,
) {
    if beginning.unwrap_or(FIRST) <= end.unwrap_or(LONGEST) {
        return;
    }
    match (first.get(), longest.get()) {
        (Some(_), Some(longest)) => mistakes.add(longest, "the longest delay is shorter than the first one"),
        (Some(first), None) => {
            mistakes.add(first, format!("a delay is at most {LONGEST:?} long unless `longest` says otherwise: add it"));
        }
        (None, Some(longest)) => {
            mistakes.add(longest, format!("the first delay is {FIRST:?} long unless `first` says otherwise: add it"));
        }
        (None, None) => (),
    }
}

fn number(option: &Value<Lit>, range: RangeInclusive<u32>, beyond: &str, mistakes: &mut Mistakes) -> Option<u32> {
    let value = option.get()?;
    let Some(number) = whole_number(value) else {
        mistakes.add(value, format!("`{0}` is a whole number: `{0} = 3`", option.name()));
        return None;
    };
    if !range.contains(&number) {
        mistakes.add(value, format!("`{}` {beyond}", option.name()));
    }
    Some(number)
}

fn duration(option: &Value<Lit>, mistakes: &mut Mistakes) -> Option<Duration> {
    let (value, name) = (option.get()?, option.name());
    let length = match value {
        Lit::Str(text) => read_duration(&text.value()),
        _ => None,
    };
    match length {
        None => {
            let message = "is a whole number and its unit, `ms`, `s`, `min` or `h`";
            mistakes.add(value, format!("`{name}` {message}: `{name} = \"200ms\"`"));
        }
        Some(length) if length > WEEK => mistakes.add(value, format!("`{name}` is at most 7 days, `\"168h\"`")),
        Some(_) => (),
    }
    length
}

/// A whole number and its unit.
fn read_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(millis).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_and_its_unit() {
        for (text, millis) in [("0ms", 0), ("200ms", 200), ("10s", 10_000), ("5min", 300_000), ("2h", 7_200_000)] {
            assert_eq!(read_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        let too_much = ["99999999999999999999s", "18446744073709551615h"];
        for text in ["", "10", "s", "10 s", "1.5s", "-1s", "1m", "1S", "1h30min"].into_iter().chain(too_much) {
            assert_eq!(read_duration(text), None, "{text:?}");
        }
    }
}
