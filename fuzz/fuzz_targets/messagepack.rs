#![no_main]

use catga_core::codec::Codec;
use catga_fuzz::{Choice, Everything, Loose, Tree, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check::<Everything>(Codec::MessagePack, bytes);
    check::<Vec<Choice>>(Codec::MessagePack, bytes);
    check::<Tree>(Codec::MessagePack, bytes);
    check::<Loose>(Codec::MessagePack, bytes);
});
