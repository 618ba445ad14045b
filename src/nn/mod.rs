//! Networks: flat parameters with named views, linear layers, optimiser, clipping, averaging.

mod adam;
mod clip;
mod linear;
mod mlp;
mod params;
mod polyak;

pub use crate::tape::Activation;
pub use adam::{Adam, AdamConfig};
pub use clip::clip_norm;
pub(crate) use clip::norm;
pub use linear::Linear;
pub use mlp::{Mlp, Scratch};
pub use params::{Block, Params, ParamsError};
pub use polyak::polyak;
