//! What every macro needs: where core's items are, a place for mistakes, and the options in an attribute.
//!
//! In use:
//!
//! ```text
//! let mut mistakes = Mistakes::default();
//! let (mut response, mut query) = (Value::<Type>::named("response"), Flag::named("query"));
//! options::read_attributes(&item.attrs, "request", &mut [&mut response, &mut query], &mut mistakes);
//! if response.get().is_none() {
//!     mistakes.add(&item.ident, "say what it answers: `#[request(response = …)]`");
//! }
//! mistakes.none()?;
//! let core = crate_path()?;
//! ```

mod crate_path;
mod mistakes;
pub(crate) mod name;
pub(crate) mod options;

pub(crate) use crate_path::crate_path;
pub(crate) use mistakes::Mistakes;
pub(crate) use options::{Flag, Value};
