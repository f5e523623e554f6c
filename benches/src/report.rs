//! Figures, as a table for people and as a line of JSON each for programs.

use std::io::{self, Write};

use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The bench that it is of.
    pub bench: &'static str,
    /// What was measured.
    pub figure: String,
    /// The value.
    pub value: f64,
    /// The value's unit.
    pub unit: &'static str,
    /// The same by hand, in the same unit.
    pub baseline: Option<f64>,
    /// The value, divided by the baseline.
    pub ratio: Option<f64>,
    /// The most that the ratio may be, or the value where there is no baseline; the least, where more is better.
    pub target: Option<f64>,
    /// Whether it is within the target; `true` without one.
    pub ok: bool,
}

impl Figure {
    /// A figure without a baseline.
    pub fn plain(bench: &'static str, figure: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { bench, figure: figure.into(), value, unit, baseline: None, ratio: None, target: None, ok: true }
    }

    /// The same by hand.
    #[must_use]
    pub fn against(mut self, baseline: f64) -> Self {
        self.baseline = Some(baseline);
        self.ratio = Some(self.value / baseline);
        self
    }

    /// The most that it may be.
    #[must_use]
    pub fn at_most(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.ok = self.ratio.unwrap_or(self.value) <= target;
        self
    }

    /// The least that it may be.
    #[must_use]
    pub fn at_least(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.ok = self.ratio.unwrap_or(self.value) >= target;
        self
    }
}

/// Prints figures, as JSON or as a table.
///
/// # Errors
///
/// `out` doesn't take them.
pub fn print(figures: &[Figure], json: bool, out: &mut impl Write) -> io::Result<()> {
    if json {
        for figure in figures {
            writeln!(out, "{}", serde_json::to_string(figure)?)?;
        }
        return Ok(());
    }
    let width = figures.iter().map(|figure| figure.figure.chars().count()).max().unwrap_or(0);
    writeln!(out, "{:width$}  {:>18}  {:>18}  {:>6}  {:>6}", "figure", "value", "baseline", "ratio", "target")?;
    for figure in figures {
        let Figure { figure: name, value, unit, .. } = figure;
        let baseline = figure.baseline.map_or_else(|| "–".to_owned(), |baseline| format!("{baseline:.1} {unit}"));
        let verdict = if figure.ok { "" } else { "  MISSED" };
        writeln!(
            out,
            "{name:width$}  {:>18}  {baseline:>18}  {:>6}  {:>6}{verdict}",
            format!("{value:.1} {unit}"),
            or_dash(figure.ratio),
            or_dash(figure.target),
        )?;
    }
    Ok(())
}

fn or_dash(number: Option<f64>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_the_target_is_not_ok() {
        let figure = Figure::plain("dispatch", "send", 30.0, "ns").against(20.0);
        assert!(figure.clone().at_most(1.5).ok);
        assert!(!figure.at_most(1.4).ok);
    }

    #[test]
    fn a_ratio_below_the_least_is_not_ok() {
        let figure = Figure::plain("delivery", "messages", 30.0, "/s").against(60.0);
        assert!(figure.clone().at_least(0.5).ok);
        assert!(!figure.at_least(0.51).ok);
    }

    #[test]
    fn a_line_of_json_has_each_member() {
        let mut out = Vec::new();
        print(&[Figure::plain("dispatch", "start", 2.0, "ms").at_most(5.0)], true, &mut out).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!({
            "bench": "dispatch", "figure": "start", "value": 2.0, "unit": "ms",
            "baseline": null, "ratio": null, "target": 5.0, "ok": true,
        });
        assert_eq!(line, expected);
    }
}
