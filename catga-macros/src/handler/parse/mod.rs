//! Tokens to what was written.

mod retry;

pub(super) use retry::{PolicyPath, Retry};

use proc_macro2::{Ident, TokenStream};
use syn::{
    Attribute, Generics, Lit, LitStr, Path, Signature, Token, Type, TypePath, Visibility,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::{Brace, Paren},
};

use crate::shared::{
    Flag, Mistakes, Value,
    options::{self, Slot},
};

/// What stands in `#[handler(…)]`.
pub(super) struct Options {
    pub(super) name: Value<LitStr>,
    pub(super) was: Names,
    pub(super) role: Value<LitStr>,
    pub(super) once_per: Value<LitStr>,
    pub(super) replay: Flag,
    pub(super) resume: Flag,
    pub(super) concurrency: Value<Lit>,
    pub(super) retry: Option<Retry>,
    pub(super) unlinked: Flag,
}

impl Options {
    pub(super) fn read(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut read = Self {
            name: Value::named("name"),
            was: Names::default(),
            role: Value::named("role"),
            once_per: Value::named("once_per"),
            replay: Flag::named("replay"),
            resume: Flag::named("resume"),
            concurrency: Value::named("concurrency"),
            retry: None,
            unlinked: Flag::named("unlinked"),
        };
        let mut unread = retry::Unread::default();
        let Self { name, was, role, once_per, replay, resume, concurrency, unlinked, .. } = &mut read;
        let slots: &mut [&mut dyn Slot] =
            &mut [name, was, role, once_per, replay, resume, concurrency, &mut unread, unlinked];
        options::read(tokens, slots, mistakes);
        read.retry = unread.tokens.map(|tokens| Retry::read(tokens, mistakes));
        read
    }
}

/// The option `was = "…"`, or `was("…", "…")`.
#[derive(Default)]
pub(super) struct Names {
    keyword: Option<Ident>,
    pub(super) names: Vec<LitStr>,
}

impl Slot for Names {
    fn name(&self) -> &'static str {
        "was"
    }

    fn keyword(&self) -> Option<&Ident> {
        self.keyword.as_ref()
    }

    fn read(&mut self, keyword: Ident, input: ParseStream<'_>) -> syn::Result<()> {
        if input.peek(Paren) {
            let names;
            syn::parenthesized!(names in input);
            let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&names)?;
            if names.is_empty() {
                return Err(syn::Error::new(
                    keyword.span(),
                    "`was` takes the names it had before: `was(\"…\", \"…\")`",
                ));
            }
            self.keyword = Some(keyword);
            self.names.extend(names);
            return Ok(());
        }
        let mut one = Value::<LitStr>::named("was");
        self.keyword = Some(keyword.clone());
        one.read(keyword, input)?;
        self.names.extend(one.get().cloned());
        Ok(())
    }
}

/// What `#[handler]` stands on.
pub(super) enum Item {
    Function(Box<Function>),
    Implementation(Box<Implementation>),
}

/// A function. Its body isn't looked at.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
}

/// An implementation of a trait that takes the message. What it holds isn't looked at.
pub(super) struct Implementation {
    pub(super) attributes: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) of: Path,
    pub(super) ty: Type,
}

const PLACES: &str =
    "put `#[handler]` on an `async fn`, or on `impl RequestHandler<…> for …` or `impl EventHandler<…> for …`";

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        if input.peek(Token![impl]) || (input.peek(Token![unsafe]) && input.peek2(Token![impl])) {
            return Implementation::parse(attributes, input).map(|written| Self::Implementation(Box::new(written)));
        }
        let visibility = input.parse()?;
        if !is_function(input) {
            // Of any other item only the first word matters.
            let word = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), PLACES))?;
            input.parse::<TokenStream>()?;
            return Err(syn::Error::new(word.span(), format!("this is no handler: {PLACES}")));
        }
        let signature: Signature = input.parse()?;
        if !input.peek(Brace) {
            return Err(input.error("a handler has a body"));
        }
        input.parse::<TokenStream>()?;
        Ok(Self::Function(Box::new(Function { attributes, visibility, signature })))
    }
}

/// Whether a function comes next, with whatever words before its `fn`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while ahead.peek(Token![const]) || ahead.peek(Token![async]) || ahead.peek(Token![unsafe]) {
        // What was peeked at can be parsed.
        let _ = ahead.call(Ident::parse_any);
    }
    ahead.peek(Token![fn]) || ahead.peek(Token![extern]) && ahead.peek2(syn::LitStr) && ahead.peek3(Token![fn])
}

impl Implementation {
    fn parse(attributes: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Option<Token![unsafe]>>()?;
        let word: Token![impl] = input.parse()?;
        let generics = if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let of: Type = input.parse()?;
        if input.parse::<Option<Token![for]>>()?.is_none() {
            return Err(syn::Error::new(word.span, format!("this is no handler: {PLACES}")));
        }
        let ty = input.parse()?;
        input.parse::<TokenStream>()?;
        match of {
            Type::Path(TypePath { qself: None, path }) => Ok(Self { attributes, generics, of: path, ty }),
            other => Err(syn::Error::new_spanned(other, PLACES)),
        }
    }
}
