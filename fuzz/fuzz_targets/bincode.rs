#![no_main]

use catga_core::codec::Codec;
use catga_fuzz::{Choice, Everything, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check::<Everything>(Codec::Bincode, bytes);
    check::<Vec<Choice>>(Codec::Bincode, bytes);
});
