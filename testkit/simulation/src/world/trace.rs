use std::fmt;
use std::time::Duration;

use crate::random::mix;

use super::{Life, OUTSIDE};

/// What happened, in order. All of it goes into a hash; the texts are kept only where somebody will read them.
#[derive(Default)]
pub(super) struct Trace {
    hash: u64,
    lines: Vec<Line>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    at: Duration,
    life: Life,
    text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at.as_secs_f64();
        match self.life {
            OUTSIDE => write!(f, "{seconds:9.3} s  {:>4}  {}", "", self.text),
            Life(life) => write!(f, "{seconds:9.3} s  {:>4}  {}", format!("#{life}"), self.text),
        }
    }
}

impl Trace {
    pub(super) fn add(&mut self, at: Duration, life: Life, what: u64, text: Option<String>) {
        let nanos = at.as_nanos() as u64;
        self.hash = mix(mix(mix(self.hash ^ nanos) ^ u64::from(life.0)) ^ what);
        self.lines.extend(text.map(|text| Line { at, life, text }));
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn take(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }
}
