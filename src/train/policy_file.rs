//! A trained policy as a file: `policy.safetensors`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::tensors::{dtype, read_numbers};
use crate::env::{BoxSpace, Env};
use crate::nn::{Activation, Block, Params, Scratch};
use crate::normalise::Standardisation;
use crate::policy::{ActionBox, SquashedGaussian};
use crate::state::for_each_chunk;
use crate::{Numerics, Scalar};

const FORMAT: &str = "softac-policy-1";

/// What the weights alone do not say; JSON under the key `policy` of the file's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    env: String,
    observation_dim: usize,
    action_low: Vec<f64>,
    action_high: Vec<f64>,
    net_arch: Vec<usize>,
    activation: Activation,
    numerics: Numerics,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standardisation: Option<Statistics>,
}

/// What is done to observations first; the numbers are exact in either precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statistics {
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

    fn standardisation<T: Scalar>(&self, dim: usize) -> Result<Standardisation<T>, String> {
        let finite = |x: &[f64]| x.len() == dim && x.iter().all(|x| x.is_finite());
        if !(finite(&self.mean) && finite(&self.scale) && self.clip > 0.0) {
            return Err("its statistics of observations are not those of its observations".into());
        }
        let cast = |x: &[f64]| x.iter().map(|&x| T::of(x)).collect();
        Ok(Standardisation::of_parts(cast(&self.mean), cast(&self.scale), T::of(self.clip)))
    }
}

/// A policy that can act in its environment: weights, architecture and action box.
///
/// In the file each layer is a pair `<i>.weight` (`[inputs, outputs]`) and `<i>.bias` (`[1, outputs]`),
/// in the precision of the training.
pub struct SavedPolicy<T: Scalar> {
    header: Header,
    policy: SquashedGaussian,
    phi: Params<T>,
    action_box: ActionBox,
    standardisation: Option<Standardisation<T>>,
    scratch: Scratch<T>,
    observation: Vec<T>,
    action: Vec<T>,
}

impl<T: Scalar> SavedPolicy<T> {
    /// A policy with its parameters, for the environment of this name and action space, what is done to
    /// observations first, and how it rounds.
    ///
    /// # Errors
    /// An action space without finite bounds.
    pub fn new(
        env: &str,
        action_space: &BoxSpace,
        policy: SquashedGaussian,
        phi: Params<T>,
        standardisation: Option<Standardisation<T>>,
        numerics: Numerics,
    ) -> Result<Self, TrainError> {
        let layers = policy.mlp().layers();
        let hidden = &layers[..layers.len() - 1];
        let header = Header {
            format: FORMAT.into(),
            env: env.into(),
            observation_dim: policy.mlp().inputs(),
            action_low: action_space.low().to_vec(),
            action_high: action_space.high().to_vec(),
            net_arch: hidden.iter().map(crate::nn::Linear::outputs).collect(),
            activation: hidden.first().map_or(Activation::default(), |layer| layer.activation()),
            numerics,
            standardisation: standardisation.as_ref().map(Statistics::of),
        };
        let action_box =
            ActionBox::new(action_space).map_err(crate::learner::LearnerError::from)?;
        Ok(Self::assemble(header, policy, phi, action_box, standardisation))
    }

    fn assemble(
        header: Header,
        policy: SquashedGaussian,
        phi: Params<T>,
        action_box: ActionBox,
        standardisation: Option<Standardisation<T>>,
    ) -> Self {
        let observation = vec![T::zero(); header.observation_dim];
        let action = vec![T::zero(); header.action_low.len()];
        let scratch = Scratch::new(header.numerics);
        Self { header, policy, phi, action_box, standardisation, scratch, observation, action }
    }

    /// The name of the environment that it was trained in.
    #[must_use]
    pub fn env(&self) -> &str {
        &self.header.env
    }

    /// The number of its actions.
    #[must_use]
    pub fn action_dim(&self) -> usize {
        self.action.len()
    }

    /// The number of observations that it acts on.
    #[must_use]
    pub fn observation_dim(&self) -> usize {
        self.observation.len()
    }

    /// Its architecture.
    #[must_use]
    pub fn policy(&self) -> &SquashedGaussian {
        &self.policy
    }

    /// The map to the environment's actions.
    #[must_use]
    pub fn action_box(&self) -> &ActionBox {
        &self.action_box
    }

    /// What is done to observations first.
    #[must_use]
    pub fn standardisation(&self) -> Option<&Standardisation<T>> {
        self.standardisation.as_ref()
    }

    /// Its parameters.
    #[must_use]
    pub fn params(&self) -> &Params<T> {
        &self.phi
    }

    /// Checks that it can act in `env`: that observations and action box are those it was trained with.
    ///
    /// # Errors
    /// [`TrainError::OtherSpaces`] if they are not.
    pub fn check_spaces(&self, env: &dyn Env) -> Result<(), TrainError> {
        let (observation, action) = (env.observation_space(), env.action_space());
        let fits = observation.len() == self.header.observation_dim
            && action.low() == self.header.action_low
            && action.high() == self.header.action_high;
        let other = || TrainError::OtherSpaces {
            trained: self.header.env.clone(),
            env: env.name().to_string(),
        };
        fits.then_some(()).ok_or_else(other)
    }

    /// The deterministic action for an observation, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    // ANCHOR: act
    pub fn act(&mut self, observation: &[f64], action: &mut [f64]) {
        assert_eq!(observation.len(), self.observation.len(), "one number for each observation");
        self.observation.iter_mut().zip(observation).for_each(|(to, &from)| *to = T::of(from));
        if let Some(standardisation) = &self.standardisation {
            standardisation.apply(&mut self.observation);
        }
        let phi = self.phi.as_slice();
        self.policy.act(phi, &self.observation, None, &mut self.scratch, &mut self.action);
        self.action_box.to_environment(&self.action, action);
    }
    // ANCHOR_END: act

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let header = serde_json::to_string(&self.header)
            .map_err(|error| TrainError::damaged(path, error))?;
        let metadata = HashMap::from([("policy".to_string(), header)]);
        let mut tensors = Vec::new();
        for block in self.phi.blocks() {
            let values = &self.phi.as_slice()[block.range()];
            tensors.push((block.name.as_str(), block.shape.to_vec(), to_bytes(values)));
        }
        let views: Result<Vec<_>, _> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(dtype::<T>(), shape.clone(), bytes).map(|view| (*name, view))
            })
            .collect();
        let bytes = views
            .and_then(|views| safetensors::serialize(views, Some(metadata)))
            .map_err(|error| TrainError::damaged(path, error))?;
        crate::files::write_whole(path, &bytes).map_err(TrainError::io("write", path))
    }

    /// Reads the file and checks all of it before anything is used.
    ///
    /// # Errors
    /// A path that cannot be read, or a file that is not such a policy.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let bytes = fs::read(path).map_err(TrainError::io("read", path))?;
        Self::from_bytes(&bytes).map_err(|reason| TrainError::damaged(path, reason))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| text(&e))?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get("policy"));
        let header: Header = serde_json::from_str(header.ok_or("its metadata names no policy")?)
            .map_err(|e| text(&e))?;
        if header.format != FORMAT {
            return Err(format!(
                "its format is `{}`, this version reads `{FORMAT}`",
                header.format
            ));
        }
        let space = BoxSpace::new(header.action_low.clone(), header.action_high.clone())
            .map_err(|e| text(&e))?;
        let action_box = ActionBox::new(&space).map_err(|e| text(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| text(&e))?;
        check_size::<T>(&header, bytes.len())?;
        let policy = SquashedGaussian::new(
            header.observation_dim,
            space.len(),
            &header.net_arch,
            header.activation,
        );
        let mut phi = policy.mlp().zeros::<T>();
        for block in phi.blocks().to_vec() {
            let values = read_block::<T>(&tensors, &block)?;
            phi.set(&block.name, &values).map_err(|e| text(&e))?;
        }
        if tensors.len() != phi.blocks().len() {
            return Err("it holds tensors that are no layers of the policy".into());
        }
        let (dim, statistics) = (header.observation_dim, header.standardisation.as_ref());
        let standardisation = statistics.map(|s| s.standardisation(dim)).transpose()?;
        Ok(Self::assemble(header, policy, phi, action_box, standardisation))
    }
}

/// One layer's numbers, of the right type and shape and all of them finite.
fn read_block<T: Scalar>(tensors: &SafeTensors<'_>, block: &Block) -> Result<Vec<T>, String> {
    let name = &block.name;
    let tensor = tensors.tensor(name).map_err(|error| error.to_string())?;
    let (found, expected) = ((tensor.dtype(), tensor.shape()), (dtype::<T>(), &block.shape[..]));
    if found != expected {
        let ((dtype, shape), (right_dtype, right_shape)) = (found, expected);
        return Err(format!(
            "`{name}` is {dtype:?} {shape:?}, expected {right_dtype:?} {right_shape:?}"
        ));
    }
    let mut values = vec![T::zero(); block.range().len()];
    read_numbers(tensor.data(), &mut values).map_err(|error| error.to_string())?;
    if !values.iter().all(|x| x.is_finite()) {
        return Err(format!("`{name}` holds a NaN or an infinity"));
    }
    Ok(values)
}

/// Refuses a header that claims more parameters than the file has room for, before memory is taken for
/// them.
fn check_size<T>(header: &Header, file_len: usize) -> Result<(), String> {
    let outputs = 2 * header.action_low.len();
    let sizes = || header.net_arch.iter().copied().chain([outputs]);
    let layers = [header.observation_dim].into_iter().chain(sizes()).zip(sizes());
    let parameters = layers.into_iter().try_fold(0_usize, |sum, (inputs, outputs)| {
        let weights = inputs.checked_mul(outputs).filter(|&count| count > 0)?;
        sum.checked_add(weights)?.checked_add(outputs)
    });
    let bytes = parameters.and_then(|count| count.checked_mul(size_of::<T>()));
    let fits = bytes.is_some_and(|bytes| bytes <= file_len);
    if fits { Ok(()) } else { Err("its layer sizes do not fit its length".into()) }
}

fn to_bytes<T: Scalar>(values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(values));
    for_each_chunk(values, |chunk| bytes.extend_from_slice(chunk));
    bytes
}
