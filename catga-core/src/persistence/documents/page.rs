/// Some documents of a collection, in the order of their keys' bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The documents; there may be fewer than were asked for, even none, though more come behind them.
    pub documents: Vec<T>,
    /// Where the next page begins: give it as `after`. `None` if there is no more.
    pub next: Option<String>,
}
