//! What the weights of a policy file alone do not say.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::TrainError;
use crate::files::hex;
use crate::nn::Activation;
use crate::normalise::Standardisation;
use crate::policy::{AnyPolicy, Kind, Policy};
use crate::{Numerics, Scalar};

/// The format of files that are written. They carry a checksum.
const FORMAT: &str = "softac-policy-3";

/// The format that had no checksum.
const FORMAT_2: &str = "softac-policy-2";

/// The format that named neither algorithm nor kind: all its policies are squashed Gaussians of SAC.
const FORMAT_1: &str = "softac-policy-1";

/// JSON under the key `policy` of the file's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: String,
    #[serde(default = "sac")]
    pub algorithm: String,
    #[serde(default = "squashed_gaussian")]
    pub policy: Kind,
    pub env: String,
    pub observation_dim: usize,
    pub action_low: Vec<f64>,
    pub action_high: Vec<f64>,
    pub net_arch: Vec<usize>,
    pub activation: Activation,
    pub numerics: Numerics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standardisation: Option<Statistics>,
    /// SHA-256 of this header without it and of every tensor, with its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sha256: String,
}

/// The key that every format has.
#[derive(Deserialize)]
struct Version {
    format: String,
}

/// The keys that the first format did not have.
#[derive(Deserialize)]
struct Names {
    algorithm: Option<String>,
    policy: Option<String>,
}

fn sac() -> String {
    "sac".into()
}

fn squashed_gaussian() -> Kind {
    Kind::SquashedGaussian
}

/// Why a file is no policy that this program can use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    Damaged(String),
    UnknownFormat(String),
    UnknownKind(String),
}

impl<E: ToString> From<E> for Unreadable {
    fn from(reason: E) -> Self {
        Self::Damaged(reason.to_string())
    }
}

impl Unreadable {
    /// The error of this file.
    pub fn of_file(self, path: &Path) -> TrainError {
        let path_of = path.to_path_buf();
        match self {
            Self::Damaged(reason) => TrainError::damaged(path, reason),
            Self::UnknownFormat(found) => TrainError::UnknownPolicyFormat { path: path_of, found },
            Self::UnknownKind(found) => TrainError::UnknownPolicyKind { path: path_of, found },
        }
    }
}

impl Header {
    /// Of a policy of this architecture.
    pub fn of<T: Scalar>(
        algorithm: &str,
        env: &str,
        (action_low, action_high): (&[f64], &[f64]),
        policy: &AnyPolicy,
        standardisation: Option<&Standardisation<T>>,
        numerics: Numerics,
    ) -> Self {
        let layers = policy.mlp().layers();
        let hidden = &layers[..layers.len() - 1];
        Self {
            format: FORMAT.into(),
            algorithm: algorithm.into(),
            policy: policy.kind(),
            env: env.into(),
            observation_dim: policy.mlp().inputs(),
            action_low: action_low.to_vec(),
            action_high: action_high.to_vec(),
            net_arch: hidden.iter().map(crate::nn::Linear::outputs).collect(),
            activation: hidden.first().map_or(Activation::default(), |layer| layer.activation()),
            numerics,
            standardisation: standardisation.map(Statistics::of),
            sha256: String::new(),
        }
    }

    /// As it stands in the file before these tensors: names and numbers.
    pub fn sealed<'a>(
        &self,
        tensors: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<String, serde_json::Error> {
        let mut sealed = Self { sha256: String::new(), ..self.clone() };
        let mut hash = Sha256::new_with_prefix(serde_json::to_string(&sealed)?);
        for (name, numbers) in tensors {
            hash.update(name);
            hash.update(numbers);
        }
        sealed.sha256 = hex(&hash.finalize());
        serde_json::to_string(&sealed)
    }

    /// Reads a header of any format up to this one; saved again, it is of this format.
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        let Version { format } = serde_json::from_str(text)?;
        if ![FORMAT_1, FORMAT_2, FORMAT].contains(&&*format) {
            return Err(Unreadable::UnknownFormat(format));
        }
        let Names { algorithm, policy } = serde_json::from_str(text)?;
        let named = format != FORMAT_1;
        if (algorithm.is_some(), policy.is_some()) != (named, named) {
            let has = if named { "both" } else { "neither" };
            return Err(format!("a `{format}` has {has} of `algorithm` and `policy`").into());
        }
        let unknown = |kind: &String| !Kind::ALL.iter().any(|known| known.name() == kind);
        if let Some(kind) = policy.filter(unknown) {
            return Err(Unreadable::UnknownKind(kind));
        }
        let header: Self = serde_json::from_str(text)?;
        Ok(Self { format: FORMAT.into(), ..header })
    }

    /// Whether this header, which was read from the text, must carry a checksum that is right.
    pub fn must_be_sealed(&self, text: &str) -> Result<bool, Unreadable> {
        let Version { format } = serde_json::from_str(text)?;
        // A damaged name of the format must not take the check away.
        Ok(format == FORMAT || !self.sha256.is_empty())
    }

    /// The policy that it describes, with parameters that are all zero in a file of so many bytes.
    ///
    /// Refuses a header that claims more parameters than the file has room for, before memory is taken for them.
    pub fn architecture<T: Scalar>(&self, file_len: usize) -> Result<AnyPolicy, Unreadable> {
        let actions = self.action_low.len();
        let outputs = self.policy.outputs_per_dimension() * actions;
        let sizes = || self.net_arch.iter().copied().chain([outputs]);
        let layers = [self.observation_dim].into_iter().chain(sizes()).zip(sizes());
        let parameters = layers.into_iter().try_fold(0_usize, |sum, (inputs, outputs)| {
            let weights = inputs.checked_mul(outputs).filter(|&count| count > 0)?;
            sum.checked_add(weights)?.checked_add(outputs)
        });
        let bytes = parameters.and_then(|count| count.checked_mul(size_of::<T>()));
        if bytes.is_none_or(|bytes| bytes > file_len) {
            return Err("its layer sizes do not fit its length".into());
        }
        let (dim, net_arch) = (self.observation_dim, &self.net_arch);
        Ok(AnyPolicy::new(self.policy, dim, actions, net_arch, self.activation))
    }
}

/// What is done to observations first; the numbers are exact in either precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statistics {
    mean: Vec<f64>,
    scale: Vec<f64>,
    clip: f64,
}

impl Statistics {
    fn of<T: Scalar>(standardisation: &Standardisation<T>) -> Self {
        let (mean, scale, clip) = standardisation.parts();
        let exact = |x: &[T]| x.iter().map(|x| x.as_f64()).collect();
        Self { mean: exact(mean), scale: exact(scale), clip: clip.as_f64() }
    }

    pub fn standardisation<T: Scalar>(
        &self,
        dim: usize,
    ) -> Result<Standardisation<T>, &'static str> {
        let finite = |x: &[f64]| x.len() == dim && x.iter().all(|x| x.is_finite());
        if !(finite(&self.mean) && finite(&self.scale) && self.clip > 0.0) {
            return Err("its statistics of observations are not those of its observations");
        }
        let cast = |x: &[f64]| x.iter().map(|&x| T::of(x)).collect();
        Ok(Standardisation::of_parts(cast(&self.mean), cast(&self.scale), T::of(self.clip)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these keys before those that every format has.
    fn header(keys: &str) -> String {
        format!(
            r#"{{{keys},"env":"Pendulum-v1","observation_dim":3,"action_low":[-2.0],"action_high":[2.0],
            "net_arch":[2],"activation":"relu","numerics":"fast"}}"#
        )
    }

    #[test]
    fn the_first_format_is_of_sac_and_is_written_as_the_present_one() {
        let read = Header::from_json(&header(r#""format":"softac-policy-1""#)).unwrap();
        assert_eq!((&*read.algorithm, read.policy), ("sac", Kind::SquashedGaussian));
        let again = serde_json::to_string(&read).unwrap();
        assert!(again.starts_with(
            r#"{"format":"softac-policy-3","algorithm":"sac","policy":"squashed_gaussian","#
        ));
        assert_eq!(Header::from_json(&again).unwrap(), read);
    }

    #[test]
    fn every_kind_is_read_by_its_name() {
        for kind in Kind::ALL {
            let keys = format!(r#""format":"softac-policy-2","algorithm":"td3","policy":"{kind}""#);
            let read = Header::from_json(&header(&keys)).unwrap();
            assert_eq!((&*read.algorithm, read.policy), ("td3", kind));
            let policy = read.architecture::<f32>(1000).unwrap();
            assert_eq!((policy.kind(), policy.action_dim()), (kind, 1));
        }
    }

    #[test]
    fn unknown_formats_and_kinds_are_told_from_damage() {
        let read = |keys: &str| Header::from_json(&header(keys)).unwrap_err();
        let later = r#""format":"softac-policy-4","algorithm":7,"policy":[],"more":"x""#;
        assert_eq!(read(later), Unreadable::UnknownFormat("softac-policy-4".into()));
        let kind = r#""format":"softac-policy-2","algorithm":"x","policy":"categorical""#;
        assert_eq!(read(kind), Unreadable::UnknownKind("categorical".into()));
        for damaged in [
            r#""format":"softac-policy-1","algorithm":"sac""#,
            r#""format":"softac-policy-1","policy":"deterministic""#,
            r#""format":"softac-policy-2","algorithm":"sac""#,
            r#""format":"softac-policy-2","policy":"deterministic""#,
        ] {
            assert!(matches!(read(damaged), Unreadable::Damaged(_)), "{damaged}");
        }
    }
}
