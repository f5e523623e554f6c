use crate::error::{Error, Result};

/// A node as its cluster knows it.
///
/// ```
/// use catga_core::transport::Member;
///
/// let member = Member::new("test", "orders", "orders-1")?.owning(["CreateOrder"]);
/// assert_eq!((member.cluster(), member.service(), member.node()), ("test", "orders", "orders-1"));
/// assert_eq!(member.requests(), ["CreateOrder"]);
/// assert!(Member::new("test", "orders", "orders.1").is_err());
/// # Ok::<(), catga_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    cluster: String,
    service: String,
    node: String,
    requests: Vec<String>,
}

/// The longest name of a cluster, a service or a node, in bytes.
pub(crate) const MAX_NAME: usize = 64;

impl Member {
    /// A node of this name, of this service, in this cluster.
    ///
    /// # Errors
    ///
    /// [`Validation`](crate::Code::Validation): a name isn't 1 to 64 ASCII letters, digits, `-` or `_`.
    pub fn new(cluster: impl Into<String>, service: impl Into<String>, node: impl Into<String>) -> Result<Self> {
        Ok(Self {
            cluster: checked("cluster", cluster.into())?,
            service: checked("service", service.into())?,
            node: checked("node", node.into())?,
            requests: Vec::new(),
        })
    }

    /// The same node, its service owning the requests of these wire names.
    #[must_use]
    pub fn owning(mut self, requests: impl IntoIterator<Item: Into<String>>) -> Self {
        self.requests.extend(requests.into_iter().map(Into::into));
        self
    }

    /// The environment, isolated from others by this name.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The deployable program.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The running instance of it; unique among the living of its cluster.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The wire names of the requests that its service owns, as far as this node handles them.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }
}

fn checked(what: &str, name: String) -> Result<String> {
    match mistake_in(what, &name, MAX_NAME) {
        None => Ok(name),
        Some(mistake) => Err(Error::validation(mistake)),
    }
}

/// What is wrong with this name, if anything is. The characters that are allowed are safe in a broker's subjects and a store's keys.
pub(crate) fn mistake_in(what: &str, name: &str, longest: usize) -> Option<String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=longest).contains(&name.len()) && name.bytes().all(is_allowed) {
        return None;
    }
    let shown: String = name.chars().take(longest).collect();
    Some(format!("the {what}'s name is 1 to {longest} ASCII letters, digits, `-` or `_`, which {shown:?} isn't"))
}
