use proc_macro2::{Ident, TokenStream};
use syn::{
    Lit, Path,
    parse::{Parse, ParseStream},
    token::Paren,
};

use crate::shared::{
    Flag, Mistakes, Value,
    options::{self, Slot},
};

/// What stands in `retry(…)`.
pub(in super::super) struct Retry {
    pub(in super::super) attempts: Value<Lit>,
    pub(in super::super) attempts_of_sent: Value<Lit>,
    pub(in super::super) immediate: Value<Lit>,
    pub(in super::super) first: Value<Lit>,
    pub(in super::super) longest: Value<Lit>,
    pub(in super::super) jitter: Value<Lit>,
    pub(in super::super) grace: Value<Lit>,
    pub(in super::super) never: Flag,
    pub(in super::super) with: Value<PolicyPath>,
}

impl Retry {
    pub(super) fn read(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut read = Self {
            attempts: Value::named("attempts"),
            attempts_of_sent: Value::named("attempts_of_sent"),
            immediate: Value::named("immediate"),
            first: Value::named("first"),
            longest: Value::named("longest"),
            jitter: Value::named("jitter"),
            grace: Value::named("grace"),
            never: Flag::named("never"),
            with: Value::named("with"),
        };
        let Self { attempts, attempts_of_sent, immediate, first, longest, jitter, grace, never, with } = &mut read;
        let slots: &mut [&mut dyn Slot] =
            &mut [attempts, attempts_of_sent, immediate, first, longest, jitter, grace, never, with];
        options::read(tokens, slots, mistakes);
        read
    }

    /// All that say something of the built-in policy.
    pub(in super::super) fn of_the_plan(&self) -> [&Value<Lit>; 7] {
        let Self { attempts, attempts_of_sent, immediate, first, longest, jitter, grace, .. } = self;
        [attempts, attempts_of_sent, immediate, first, longest, jitter, grace]
    }
}

/// Where the policy is that decides alone.
pub(in super::super) struct PolicyPath(pub(in super::super) Path);

impl Parse for PolicyPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let message = "`with` takes the path of a function, `fn(&Failure<'_>) -> Next`, or of a constant `Retry`";
        input.parse().map(Self).map_err(|error| syn::Error::new(error.span(), message))
    }
}

/// The option `retry(…)`, with what stands in it not read yet.
#[derive(Default)]
pub(super) struct Unread {
    keyword: Option<Ident>,
    pub(super) tokens: Option<TokenStream>,
}

impl Slot for Unread {
    fn name(&self) -> &'static str {
        "retry"
    }

    fn keyword(&self) -> Option<&Ident> {
        self.keyword.as_ref()
    }

    fn read(&mut self, keyword: Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let place = keyword.span();
        self.keyword = Some(keyword);
        if input.peek(Paren) {
            let tokens;
            syn::parenthesized!(tokens in input);
            if !tokens.is_empty() {
                self.tokens = Some(tokens.parse()?);
                return options::end(input);
            }
        }
        let message = "`retry` says what happens after a failure: \
                       `retry(attempts = 5)`, `retry(never)`, or `retry(with = …)` with a function of yours";
        Err(syn::Error::new(place, message))
    }
}
