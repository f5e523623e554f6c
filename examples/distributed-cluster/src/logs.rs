//! The log: lines for people, coloured by node on a terminal, or JSON for programs.

use std::{
    env,
    ffi::OsStr,
    fmt,
    io::{self, IsTerminal, Write},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// What is logged where nothing else is wanted.
const DEFAULT: &str = "info";

/// Starts it, on the standard output.
pub(crate) fn start(json: bool) {
    let wanted = env::var_os(EnvFilter::DEFAULT_ENV);
    let filter = filter(wanted.as_deref()).unwrap_or_else(|complaint| {
        // The log isn't there yet, and a line that can't be written is no reason to end.
        let _ = writeln!(io::stderr(), "{complaint}");
        EnvFilter::new(DEFAULT)
    });
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    if json {
        log.json().flatten_event(true).init();
    } else {
        let has_colours = has_colours(io::stdout().is_terminal(), env::var_os("NO_COLOR").as_deref());
        log.with_ansi(has_colours).event_format(Lines).init();
    }
}

/// What is logged: what `RUST_LOG` wants, or the default where it wants nothing.
///
/// # Errors
///
/// A line that says what is wrong with it, and what to write.
fn filter(wanted: Option<&OsStr>) -> Result<EnvFilter, String> {
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return Ok(EnvFilter::new(DEFAULT)) };
    let read = wanted.to_str().ok_or_else(|| "it is no UTF-8".to_owned());
    read.and_then(|text| EnvFilter::try_new(text).map_err(|cause| cause.to_string())).map_err(|cause| {
        format!(
            "RUST_LOG={wanted:?} can't be read ({cause}), so {DEFAULT} is taken; write a level (error, warn, info, debug, trace, off), or \
             one for a part, as in info,catga_core=debug"
        )
    })
}

/// Whether the output shows colours, and its reader wants them (<https://no-color.org>).
fn has_colours(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
}

/// One line for each event: time, level, message, other fields. The message has its node's colour.
struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        let colour = match level {
            Level::ERROR => Some(31),
            Level::WARN => Some(33),
            _ => fields.node.as_deref().map(colour_of),
        };
        SystemTime.format_time(&mut writer)?;
        write!(writer, " {level:>5} ")?;
        match colour.filter(|_| writer.has_ansi_escapes()) {
            Some(colour) => writeln!(writer, "\x1b[{colour}m{}\x1b[0m{}", fields.message, fields.others),
            None => writeln!(writer, "{}{}", fields.message, fields.others),
        }
    }
}

/// A colour that neither a warning nor an error has; names that differ in their last number differ in colour.
fn colour_of(node: &str) -> u8 {
    const COLOURS: [u8; 4] = [36, 32, 35, 34];
    let sum = node.bytes().fold(0_usize, |sum, byte| sum.wrapping_add(byte.into()));
    COLOURS[sum % COLOURS.len()]
}

/// The fields of an event, sorted by what becomes of them.
#[derive(Default)]
struct Fields {
    message: String,
    node: Option<String>,
    others: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "node" => self.node = Some(value.to_owned()),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // What comes from outside is logged as text, which `Debug` quotes: no value can forge a line.
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => self.others.push_str(&format!(" {name}={value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{info, subscriber::with_default, warn};

    use super::*;

    /// What is logged while `log` runs.
    fn lines(ansi: bool, log: impl FnOnce()) -> String {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(ansi)
            .event_format(Lines)
            .with_writer(move || Shared(writer.clone()))
            .finish();
        with_default(subscriber, log);
        let written = written.lock().unwrap().clone();
        String::from_utf8(written).unwrap()
    }

    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_has_its_message_and_fields() {
        let line = lines(false, || info!(node = "node-1", customer_id = "C\n1", total = %"0.30", "Node node-1 did it"));
        assert!(line.ends_with("  INFO Node node-1 did it customer_id=\"C\\n1\" total=0.30\n"), "{line}");
    }

    #[test]
    fn each_node_has_a_colour_of_its_own() {
        let coloured = ["node-1", "node-2", "node-3"].map(|node| lines(true, || info!(node, "did it")));
        for (line, colour) in coloured.iter().zip(["node-1", "node-2", "node-3"].map(colour_of)) {
            assert!(line.contains(&format!("\x1b[{colour}mdid it\x1b[0m")), "{line:?}");
        }
        assert_ne!(colour_of("node-1"), colour_of("node-2"));
        assert_ne!(colour_of("node-2"), colour_of("node-3"));
        assert_ne!(colour_of("node-1"), colour_of("node-3"));
    }

    #[test]
    fn a_warning_looks_like_one_on_each_node() {
        assert!(lines(true, || warn!(node = "node-1", "oh")).contains("\x1b[33moh\x1b[0m"));
    }

    #[test]
    fn colours_are_for_terminals_whose_reader_wants_them() {
        for (is_terminal, no_color, has) in
            [(true, None, true), (true, Some(""), true), (true, Some("1"), false), (false, None, false)]
        {
            assert_eq!(has_colours(is_terminal, no_color.map(OsStr::new)), has, "{is_terminal} {no_color:?}");
        }
    }

    #[test]
    fn what_is_wanted_is_logged() {
        for (wanted, is) in [(None, "info"), (Some(""), "info"), (Some("warn"), "warn"), (Some("off"), "off")] {
            assert_eq!(filter(wanted.map(OsStr::new)).unwrap().to_string(), is, "{wanted:?}");
        }
    }

    #[test]
    fn a_wish_that_cannot_be_read_is_answered_by_one_line_that_says_what_to_write() {
        for wrong in ["catga_core=loud", "info,=,x=7up", "a=b=c\n"] {
            let line = filter(Some(OsStr::new(wrong))).unwrap_err();
            assert!(line.starts_with("RUST_LOG=") && line.contains("info,catga_core=debug"), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        assert!(!lines(false, || warn!(node = "node-1", "oh")).contains('\x1b'));
    }
}
