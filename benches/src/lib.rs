//! The benchmarks: every figure that the README states is printed from here, beside what one would write by hand.
//!
//! A bench is a list of [`Line`](measure::Line)s that can be run one by one; [`measure`] runs them against each other in turns and takes
//! medians, counts their allocations in a program of its own and their instructions under callgrind; [`report`] prints the figures. The
//! baselines are the package in `raw/`, which knows nothing of Catga.

pub mod delivery;
pub mod dispatch;
pub mod measure;
pub mod report;
