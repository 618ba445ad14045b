//! The seeds that several runs are given.

use std::path::Path;
use std::str::FromStr;

use softac::train::Config;

use super::study::PlannedRun;

/// The most seeds of one command.
const MOST: u64 = 10_000;

/// Seeds, each of them once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

impl Seeds {
    /// A run of this configuration for each of them, in `seed-<n>` below `folder`.
    pub fn plan(&self, folder: &Path, config: &Config) -> Vec<PlannedRun> {
        let planned = |&seed: &u64| {
            let mut config = config.clone();
            config.run.seed = seed;
            let folder = folder.join(format!("seed-{seed}"));
            PlannedRun { name: format!("seed {seed}"), folder, config }
        };
        self.0.iter().map(planned).collect()
    }
}

impl FromStr for Seeds {
    type Err = String;

    /// `3`, `0..9` with both ends, and lists of such.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let seed = text.trim().parse::<u64>().ok().filter(|&seed| i64::try_from(seed).is_ok());
            seed.ok_or(format!("`{text}` is no seed: a whole number from 0 to 2^63 - 1"))
        };
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once("..").unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(format!(
                    "`{part}` is empty: the first seed must not be above the last"
                ));
            }
            if seeds.len() as u64 + (last - first) >= MOST {
                return Err(format!("there must be no more than {MOST} seeds"));
            }
            seeds.extend(first..=last);
        }
        let mut sorted = seeds.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("seed {} is there twice", pair[0])),
            None => Ok(Self(seeds)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_ranges_with_both_ends_and_lists_of_them() {
        let seeds = |text: &str| text.parse().map(|Seeds(seeds)| seeds);
        assert_eq!(seeds("3"), Ok(vec![3]));
        assert_eq!(seeds("0..3"), Ok(vec![0, 1, 2, 3]));
        assert_eq!(seeds("5..5"), Ok(vec![5]));
        assert_eq!(seeds("7, 0..2,100"), Ok(vec![7, 0, 1, 2, 100]));
        for (wrong, reason) in [
            ("", "`` is no seed"),
            ("-1", "`-1` is no seed"),
            ("1.5", "is no seed"),
            ("9223372036854775808", "is no seed"),
            ("0...3", "is no seed"),
            ("3..1", "`3..1` is empty"),
            ("0..3,2", "seed 2 is there twice"),
            ("0..9223372036854775807", "no more than 10000 seeds"),
            ("0..9999,10000", "no more than 10000 seeds"),
        ] {
            let error = seeds(wrong).unwrap_err();
            assert!(error.contains(reason), "{wrong}: {error}");
        }
    }
}
