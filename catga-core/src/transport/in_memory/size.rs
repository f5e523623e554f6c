use crate::envelope::Envelope;

/// Ids, fingerprints, times and the names of headers never take more than this on a wire.
const FIXED: usize = 512;

/// How many bytes an envelope takes, as [`Limits`](super::Limits) count them.
pub(super) fn size_of(envelope: &Envelope) -> usize {
    let headers = envelope.headers();
    let texts = [&headers.idempotency_key, &headers.principal].into_iter().flatten().map(|text| text.len());
    let sender = headers.sender.iter().map(|sender| sender.service.len() + sender.node.len());
    let only_for = headers.only_for.iter().map(|only_for| {
        only_for.service.len() + only_for.handler.len() + only_for.node.as_ref().map_or(0, |node| node.len())
    });
    let trace = headers.trace.iter().map(|trace| trace.parent().len() + trace.state().map_or(0, str::len));
    let user = headers.user.iter().map(|(name, value)| name.len() + value.len());
    let variable: usize = texts.chain(sender).chain(only_for).chain(trace).chain(user).sum();
    FIXED + envelope.name.len() + envelope.body.len() + variable
}
