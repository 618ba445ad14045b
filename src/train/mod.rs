//! What surrounds the learner during training: charts and statistics of its runs.

pub mod chart;
pub mod statistics;
