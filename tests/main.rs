//! Black-box tests of the whole: one binary, one module a concern. Tests that compare with published recordings run
//! when the folder of recordings and oracles is there and say so when it is not; the same code is covered by fixtures
//! the tests make themselves.

mod support;

mod against;
mod arms;
mod assets;
mod budgeting;
mod calibration;
mod catalogue;
mod comparisons;
mod determinism;
mod dilemmas;
mod drafts;
mod dynamics;
mod exchange;
mod fits;
mod killed;
mod measured;
mod mistakes;
mod networks;
mod oracles;
mod panels;
mod personas;
mod pluralism;
mod posts;
mod power;
mod published;
mod real_model;
mod report;
mod run_directory;
mod secrets;
mod servers;
mod studies;
mod taken_up;
mod tidy;
mod votes;
