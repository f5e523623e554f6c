//! What a program does without a codec that it wasn't built with. Run it without default features to see it refuse.

use catga_core::{
    Code,
    codec::{BodyLimit, Codec},
};

#[test]
fn a_codec_that_is_not_built_is_refused_by_name_and_the_others_work() {
    for codec in Codec::ALL {
        let encoded = codec.encode("M", "text", BodyLimit::default());
        assert_eq!(encoded.is_ok(), codec.is_built());
        let Err(error) = encoded else {
            assert_eq!(codec.decode::<String>("M", &encoded.unwrap(), BodyLimit::default()).unwrap(), "text");
            continue;
        };
        assert_eq!(error.code(), Code::Codec);
        let text = format!("the codec {codec} isn't built into this program: turn on catga's feature `{codec}`");
        assert_eq!(error.to_string(), text);
        assert_eq!(codec.check::<str>("M").unwrap_err().to_string(), text);
        let decoded = codec.decode::<String>("M", b"", BodyLimit::default());
        assert_eq!(decoded.unwrap_err().to_string(), text);
        assert_eq!(codec.or_named::<str>(), Codec::MessagePack);
    }
    assert!(Codec::MessagePack.is_built());
    assert_eq!(Codec::Bincode.is_built(), cfg!(feature = "bincode"));
    assert_eq!(Codec::Json.is_built(), cfg!(feature = "json"));
}
