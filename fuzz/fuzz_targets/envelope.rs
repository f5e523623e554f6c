#![no_main]

use catga_core::{
    codec::messagepack,
    envelope::{Envelope, Reply},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = messagepack::decode::<Envelope>(bytes);

    // Lines of `name: value`, as brokers write headers, and behind the last one the body.
    let (head, body) = bytes.split_at(bytes.iter().rposition(|&byte| byte == b'\n').unwrap_or(0));
    let Ok(head) = std::str::from_utf8(head) else { return };
    let headers = || head.split('\n').filter_map(|line| line.split_once(": "));
    if let Ok(reply) = Reply::from_headers(headers(), body.to_vec()) {
        reply.to_body().expect("a reply has a body");
    }
    let Ok(envelope) = Envelope::from_headers(headers(), body.to_vec()) else { return };
    let written: Vec<_> = envelope.to_headers().collect();
    let pairs = written.iter().map(|(name, value)| (&**name, &**value));
    assert_eq!(Envelope::from_headers(pairs, envelope.body.clone()).expect("what was written is read"), envelope);
});
