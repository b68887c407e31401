//! What happens around every request, whatever its route: the frame with id, deadline, headers and metrics, and the signature
//! of the answer. One layer, so that the hot path pays for one.

pub(crate) mod answer;
pub(crate) mod frame;
pub(crate) mod trace_parent;
