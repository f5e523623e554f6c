//! stub.
/// stub
#[derive(Clone, Debug, Default)]
pub struct Headers;
impl Headers {
    /// a
    pub fn get(&self, _: &str) -> Option<&str> {
        None
    }
    /// b
    pub fn insert(&mut self, _: impl Into<String>, _: impl Into<String>) -> crate::Result<()> {
        Ok(())
    }
}
/// stub
#[derive(Clone, Debug)]
pub struct Envelope;
