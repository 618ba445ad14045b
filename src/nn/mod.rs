//! Networks: flat parameters with named views, linear layers, optimiser, averaging.

mod adam;
mod linear;
mod mlp;
mod params;
mod polyak;

pub use crate::tape::Activation;
pub use adam::{Adam, AdamConfig};
pub use linear::Linear;
pub use mlp::{Mlp, Scratch};
pub use params::{Block, Params, ParamsError};
pub use polyak::polyak;
