//! What `softac export` says of what it has written and measured.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use softac::export::emulate::Measured;
use softac::export::{Network, Provenance, ReturnLoss};

use super::error::CliError;

/// Steps of which the observations are recorded.
pub const STEPS: usize = 10_000;

/// What was written and measured.
#[derive(Serialize)]
pub struct Report {
    pub files: Vec<PathBuf>,
    #[serde(flatten)]
    pub provenance: Provenance,
    pub multiply_accumulates: usize,
    pub parameters: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_loss: Option<ReturnLoss>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emulated: Vec<Measured>,
}

impl Report {
    pub fn new(network: &Network, provenance: Provenance) -> Self {
        Self {
            files: Vec::new(),
            provenance,
            multiply_accumulates: network.multiply_accumulates(),
            parameters: network.parameters(),
            weight_bytes: None,
            deviation: None,
            return_loss: None,
            emulated: Vec::new(),
        }
    }

    pub fn print(&self, out: &mut impl Write) -> Result<(), CliError> {
        for file in &self.files {
            writeln!(out, "{}", file.display())?;
        }
        writeln!(out, "environment            {}", self.provenance.env)?;
        writeln!(out, "parameters             {}", self.parameters)?;
        writeln!(out, "multiply-accumulates   {}", self.multiply_accumulates)?;
        if let Some(bytes) = self.weight_bytes {
            writeln!(out, "weights in the flash   {bytes} bytes")?;
        }
        if let Some(deviation) = self.deviation {
            writeln!(
                out,
                "against the training   actions differ by {deviation:.1e} at most, over {STEPS} steps"
            )?;
        }
        if let Some(loss) = &self.return_loss {
            let ReturnLoss { episodes, before, after, loss, loss_low, loss_high } = loss;
            writeln!(
                out,
                "return                 {before:.2}, as integers {after:.2}, in the same {episodes} episodes"
            )?;
            writeln!(
                out,
                "return lost            {loss:.3}, 95 % bootstrap interval [{loss_low:.3}, {loss_high:.3}]"
            )?;
        }
        for measured in &self.emulated {
            print_measured(measured, out)?;
        }
        Ok(())
    }
}

fn print_measured(measured: &Measured, out: &mut impl Write) -> Result<(), CliError> {
    let Measured { machine, optimised_for, observations, differences, .. } = measured;
    writeln!(out, "\nemulated {machine}, optimised for {optimised_for}")?;
    match measured.selftest {
        0 => writeln!(out, "  self-test            passed")?,
        failed => writeln!(out, "  self-test            failed: {failed}")?,
    }
    writeln!(
        out,
        "  actions              {} of {observations} to the bit",
        observations - differences
    )?;
    writeln!(out, "  instructions         {:.0} an action", measured.instructions)?;
    writeln!(out, "  flash for weights    {} bytes", measured.weight_bytes)?;
    writeln!(out, "  flash for code       {} bytes", measured.code_bytes)?;
    writeln!(out, "  stack                {} bytes", measured.stack_bytes)?;
    match measured.unwanted_symbols.as_slice() {
        [] => writeln!(out, "  panics and heap      none among the symbols")?,
        symbols => writeln!(out, "  panics and heap      {}", symbols.join(", "))?,
    }
    Ok(())
}

pub fn what_is_wrong(measured: &Measured) -> String {
    let Measured { machine, selftest, differences, .. } = measured;
    match (selftest, differences, measured.unwanted_symbols.as_slice()) {
        (0, 0, symbols) => format!("what was built for {machine} holds {}", symbols.join(", ")),
        (0, differences, _) => {
            format!("{machine}: {differences} actions are not the host's to the bit")
        }
        (selftest, ..) => format!("{machine}: the self-test returned {selftest}"),
    }
}
