#![no_main]

use catga_core::codec::Codec;
use catga_fuzz::{Choice, Everything, Loose, Tree, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check::<Everything>(Codec::Json, bytes);
    check::<Vec<Choice>>(Codec::Json, bytes);
    check::<Tree>(Codec::Json, bytes);
    check::<Loose>(Codec::Json, bytes);
});
