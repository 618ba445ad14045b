//! The state from which a training starts.

/// Where a training comes from.
pub(super) enum Origin {
    /// It begins.
    Fresh,
    /// It goes on, and the files of its folder have to be as they were then.
    Resumed(Files),
    /// It has begun in this process.
    UnderWay,
}

/// Files of a run as they were at a checkpoint.
pub(super) struct Files {
    pub config: Vec<u8>,
    pub metrics: Vec<u8>,
    pub evaluations: Vec<u8>,
}
