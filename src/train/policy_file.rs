//! A trained policy as a file: `policy.safetensors`.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{SafeTensors, TensorView};

use super::error::TrainError;
use super::policy_header::{Header, Unreadable};
use super::tensors::{dtype, read_numbers};
use crate::env::{BoxSpace, Env};
use crate::files;
use crate::nn::{Activation, Block, Params};
use crate::normalise::Standardisation;
use crate::policy::{ActionBox, Actor, AnyPolicy, Kind, Policy};
use crate::state::for_each_chunk;
use crate::{Numerics, Scalar};

/// A policy that can act in its environment: weights, architecture and action box.
///
/// In the file each layer is a pair `<i>.weight` (`[inputs, outputs]`) and `<i>.bias` (`[1, outputs]`),
/// in the precision of the training. Its metadata has a SHA-256 of all of it, which is checked when it is read.
pub struct SavedPolicy<T: Scalar> {
    header: Header,
    phi: Params<T>,
    standardisation: Option<Standardisation<T>>,
    actor: Actor<T, AnyPolicy>,
}

impl<T: Scalar> SavedPolicy<T> {
    /// A policy with its parameters, trained by the algorithm of this name, for the environment of this name and action
    /// space, what is done to observations first, and how it rounds.
    ///
    /// # Errors
    /// An action space without finite bounds.
    ///
    /// # Panics
    /// If the policy has another number of actions than the space.
    pub fn new(
        algorithm: &str,
        env: &str,
        action_space: &BoxSpace,
        policy: impl Into<AnyPolicy>,
        phi: Params<T>,
        standardisation: Option<Standardisation<T>>,
        numerics: Numerics,
    ) -> Result<Self, TrainError> {
        let (policy, bounds) = (policy.into(), (action_space.low(), action_space.high()));
        let statistics = standardisation.as_ref();
        let header = Header::of(algorithm, env, bounds, &policy, statistics, numerics);
        let action_box =
            ActionBox::new(action_space).map_err(crate::learner::LearnerError::from)?;
        let actor = Actor::new(policy, action_box, numerics, 1);
        Ok(Self { header, phi, standardisation, actor })
    }

    /// The name of the algorithm that trained it.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.header.algorithm
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.header.policy
    }

    /// The name of the environment that it was trained in.
    #[must_use]
    pub fn env(&self) -> &str {
        &self.header.env
    }

    /// The number of its actions.
    #[must_use]
    pub fn action_dim(&self) -> usize {
        self.header.action_low.len()
    }

    /// The number of observations that it acts on.
    #[must_use]
    pub fn observation_dim(&self) -> usize {
        self.header.observation_dim
    }

    /// Its architecture.
    #[must_use]
    pub fn policy(&self) -> &AnyPolicy {
        self.actor.policy()
    }

    /// Sizes of the hidden layers.
    #[must_use]
    pub fn net_arch(&self) -> &[usize] {
        &self.header.net_arch
    }

    /// The activation after each of them.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.header.activation
    }

    /// How it rounds.
    #[must_use]
    pub fn numerics(&self) -> Numerics {
        self.header.numerics
    }

    /// The map to the environment's actions.
    #[must_use]
    pub fn action_box(&self) -> &ActionBox {
        self.actor.action_box()
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
        let (dim, space) = (env.observation_space().len(), env.action_space());
        self.check_spaces_of(env.name(), dim, space.low(), space.high())
    }

    /// The same, for spaces of these dimensions and bounds.
    fn check_spaces_of(
        &self,
        env: &str,
        observation_dim: usize,
        low: &[f64],
        high: &[f64],
    ) -> Result<(), TrainError> {
        let Header { action_low, action_high, .. } = &self.header;
        let dims = [
            ("observations", self.header.observation_dim, observation_dim),
            ("actions", action_low.len(), low.len()),
        ];
        let other_dim = dims.into_iter().find(|(_, trained, now)| trained != now);
        let other_dim =
            other_dim.map(|(what, trained, now)| format!("{trained} {what}, now {now}"));
        let bounds = action_low.iter().zip(action_high).zip(low.iter().zip(high)).enumerate();
        let other_bounds = bounds.into_iter().find(|(_, (trained, now))| trained != now);
        let other_bounds = other_bounds.map(|(i, ((low, high), (now_low, now_high)))| {
            format!(
                "action dimension {i} within [{low}, {high}], now within [{now_low}, {now_high}]"
            )
        });
        let other = |difference| TrainError::OtherSpaces {
            trained: self.header.env.clone(),
            env: env.to_string(),
            difference,
        };
        other_dim.or(other_bounds).map_or(Ok(()), |difference| Err(other(difference)))
    }

    /// Checks that the other policy is of the same spaces: that an environment is the one that a run was begun in.
    ///
    /// # Errors
    /// [`TrainError::OtherSpaces`] if they are not.
    pub fn check_spaces_like(&self, other: &Self) -> Result<(), TrainError> {
        let Header { env, observation_dim, action_low, action_high, .. } = &other.header;
        self.check_spaces_of(env, *observation_dim, action_low, action_high)
    }

    /// The deterministic action for an observation, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    // ANCHOR: act
    pub fn act(&mut self, observation: &[f64], action: &mut [f64]) {
        let (phi, standardisation) = (self.phi.as_slice(), self.standardisation.as_ref());
        self.actor.act_in_environment(phi, standardisation, observation, action);
    }
    // ANCHOR_END: act

    /// The action with the noise `ξ: [A]`, in the environment's units.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    pub fn explore(&mut self, observation: &[f64], xi: &[T], action: &mut [f64]) {
        let (phi, standardisation) = (self.phi.as_slice(), self.standardisation.as_ref());
        self.actor.explore_in_environment(phi, standardisation, observation, xi, action);
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let mut tensors = Vec::new();
        for block in self.phi.blocks() {
            let values = &self.phi.as_slice()[block.range()];
            tensors.push((block.name.as_str(), block.shape.to_vec(), to_bytes(values)));
        }
        let sealed = self.header.sealed(tensors.iter().map(|(name, _, bytes)| (*name, &bytes[..])));
        let header = sealed.map_err(|error| TrainError::damaged(path, error))?;
        let metadata = HashMap::from([("policy".to_string(), header)]);
        let views: Result<Vec<_>, _> = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                TensorView::new(dtype::<T>(), shape.clone(), bytes).map(|view| (*name, view))
            })
            .collect();
        let bytes = views
            .and_then(|views| safetensors::serialize(views, Some(metadata)))
            .map_err(|error| TrainError::damaged(path, error))?;
        files::write_whole(path, &bytes).map_err(TrainError::io("write", path))
    }

    /// Reads the file and checks all of it before anything is used. Files of the first format, which named neither
    /// algorithm nor kind, are those of SAC; those of the first two formats have no checksum.
    ///
    /// # Errors
    /// A path that cannot be read, a file that is not such a policy, or one of a later version of this crate.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let bytes = files::read(path).map_err(TrainError::io("read", path))?;
        Self::from_bytes(&bytes).map_err(|error| error.of_file(path))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let text = metadata.metadata().as_ref().and_then(|map| map.get("policy"));
        let text = text.ok_or("its metadata names no policy")?;
        let header = Header::from_json(text)?;
        let space = BoxSpace::new(header.action_low.clone(), header.action_high.clone())?;
        let action_box = ActionBox::new(&space)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let policy = header.architecture::<T>(bytes.len())?;
        let mut phi = policy.mlp().zeros::<T>();
        let mut numbers = Vec::new();
        for block in phi.blocks().to_vec() {
            let values = read_block::<T>(&tensors, &block)?;
            phi.set(&block.name, &values)?;
            numbers.push(tensors.tensor(&block.name)?.data());
        }
        if tensors.len() != phi.blocks().len() {
            return Err("it holds tensors that are no layers of the policy".into());
        }
        let names = phi.blocks().iter().map(|block| block.name.as_str());
        if header.must_be_sealed(text)? && header.sealed(names.zip(numbers))? != *text {
            return Err(
                "its checksum differs: it was changed after it was written; take another copy, or \
                        have `softac resume` write it again from the run's checkpoint"
                    .into(),
            );
        }
        let (dim, statistics) = (header.observation_dim, header.standardisation.as_ref());
        let standardisation = statistics.map(|s| s.standardisation(dim)).transpose()?;
        let actor = Actor::new(policy, action_box, header.numerics, 1);
        Ok(Self { header, phi, standardisation, actor })
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

fn to_bytes<T: Scalar>(values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(values));
    for_each_chunk(values, |chunk| bytes.extend_from_slice(chunk));
    bytes
}
