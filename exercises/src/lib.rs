//! The equations of Soft Actor-Critic as numbered holes, with the tests supplied.
//!
//! `cargo run` says which hole is next and why it fails. A hole is a file in `holes/`; its tests have the same name
//! in `tests/`, and so has its solution in `solutions/`. With the feature `solutions` the tests look there.
//!
//! | module | what lives there |
//! |---|---|
//! | [`list`] | the holes in their order, with chapters and hints |
//! | [`attempt`] | the tests of one hole, run and read |
//! | [`claims`] | what the tests say: got, expected, and what a known wrong number comes from |
//! | [`table`] | a task with few states, for the holes before the networks |
//! | [`agent`] | the steps of one update, for the hole that puts them in order |

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod agent;
pub mod attempt;
pub mod claims;
pub mod list;
pub mod table;
