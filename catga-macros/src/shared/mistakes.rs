use std::fmt::Display;

use quote::ToTokens;

/// Collects the mistakes in one item, so that all are reported together.
///
/// It must be asked with [`none`](Self::none) in the end: dropping it unasked panics in a debug build, since mistakes would be lost.
#[derive(Default)]
pub(crate) struct Mistakes {
    all: Option<syn::Error>,
    asked: bool,
}

impl Mistakes {
    /// Adds a mistake that points at `tokens` and says what to write instead.
    pub(crate) fn add(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add_error(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake that was found elsewhere, for instance by a parser.
    pub(crate) fn add_error(&mut self, error: syn::Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            None => self.all = Some(error),
        }
    }

    /// The value, or nothing and one mistake more.
    pub(crate) fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add_error(error)).ok()
    }

    /// Ends collecting.
    ///
    /// # Errors
    ///
    /// All mistakes as one error, in the order in which they were found.
    pub(crate) fn none(mut self) -> syn::Result<()> {
        self.asked = true;
        self.all.take().map_or(Ok(()), Err)
    }
}

impl Drop for Mistakes {
    fn drop(&mut self) {
        let lost = !self.asked && !std::thread::panicking();
        debug_assert!(!lost, "mistakes were collected and nobody asked for them");
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn all_mistakes_are_reported_in_order() {
        let mut mistakes = Mistakes::default();
        mistakes.add_error(syn::Error::new(Span::call_site(), "first"));
        assert_eq!(mistakes.take(Err::<(), _>(syn::Error::new(Span::call_site(), "second"))), None);
        let all: Vec<_> = mistakes.none().unwrap_err().into_iter().map(|error| error.to_string()).collect();
        assert_eq!(all, ["first", "second"]);
    }

    #[test]
    fn a_good_value_passes_and_nothing_is_reported() {
        let mut mistakes = Mistakes::default();
        assert_eq!(mistakes.take(Ok(7)), Some(7));
        assert!(mistakes.none().is_ok());
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "nobody asked")]
    fn dropping_it_unasked_panics() {
        drop(Mistakes::default());
    }
}
