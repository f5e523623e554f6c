//! The standard library's errors that a handler meets with `?`: each stands as an [`Error`] with the code that fits.
//!
//! Text that doesn't parse is `Validation`, bytes that aren't text are `Codec`, what only a defect brings about is `Internal`.

use std::{array, char, convert::Infallible, env, fmt, io, net, num, str, string, time};

use super::{Code, Error};

/// A table: coherence asks for one implementation a type, and each says nothing but its code.
macro_rules! codes {
    ($($error:ty => $code:ident),+ $(,)?) => {$(
        #[doc = concat!("[`Code::", stringify!($code), "`], standing in its place.")]
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::wrap(Code::$code, error)
            }
        }
    )+};
}

codes! {
    num::ParseIntError => Validation,
    num::ParseFloatError => Validation,
    num::TryFromIntError => Validation,
    str::ParseBoolError => Validation,
    char::ParseCharError => Validation,
    char::CharTryFromError => Validation,
    net::AddrParseError => Validation,
    str::Utf8Error => Codec,
    string::FromUtf8Error => Codec,
    string::FromUtf16Error => Codec,
    array::TryFromSliceError => Codec,
    env::VarError => Internal,
    time::SystemTimeError => Internal,
    fmt::Error => Internal,
}

/// A code for its kind, standing in its place: `NotFound`, `Conflict` where it exists already, `TooLarge` where a file is,
/// `Unavailable` where the other side or a resource can't be had now, else `Internal`.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::wrap(io_code(error.kind()), error)
    }
}

/// There is none.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn io_code(kind: io::ErrorKind) -> Code {
    use io::ErrorKind as Kind;
    match kind {
        Kind::NotFound => Code::NotFound,
        Kind::AlreadyExists => Code::Conflict,
        Kind::FileTooLarge => Code::TooLarge,
        Kind::ConnectionRefused | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::NotConnected => {
            Code::Unavailable
        }
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown | Kind::BrokenPipe => Code::Unavailable,
        // `Timeout` would promise that there was no effect; nobody knows that here.
        Kind::TimedOut => Code::Unavailable,
        Kind::WouldBlock | Kind::Interrupted | Kind::ResourceBusy | Kind::StorageFull => Code::Unavailable,
        // `PermissionDenied` among them: it is this process that lacks a right, not whoever sent the message.
        _ => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<E: std::error::Error + Clone + 'static>(error: E, code: Code)
    where
        Error: From<E>,
    {
        let text = error.to_string();
        let made = Error::from(error);
        assert_eq!((made.code(), made.message()), (code, text.as_str()));
        assert!(made.downcast_ref::<E>().is_some(), "the original is kept");
    }

    #[test]
    fn each_has_its_code_and_keeps_the_original() {
        check("x".parse::<u8>().unwrap_err(), Code::Validation);
        check("x".parse::<f64>().unwrap_err(), Code::Validation);
        check(u8::try_from(256).unwrap_err(), Code::Validation);
        check("x".parse::<bool>().unwrap_err(), Code::Validation);
        check("xy".parse::<char>().unwrap_err(), Code::Validation);
        check(char::try_from(0xD800_u32).unwrap_err(), Code::Validation);
        check("x".parse::<net::IpAddr>().unwrap_err(), Code::Validation);
        check(str::from_utf8(b"a\xFF".as_slice()).unwrap_err(), Code::Codec);
        check(String::from_utf8(vec![0xFF]).unwrap_err(), Code::Codec);
        check(<[u8; 2]>::try_from([1].as_slice()).unwrap_err(), Code::Codec);
        check(env::VarError::NotPresent, Code::Internal);
        let now = time::SystemTime::UNIX_EPOCH;
        check(now.duration_since(now + time::Duration::from_secs(1)).unwrap_err(), Code::Internal);
        check(fmt::Error, Code::Internal);
        let error = Error::from(String::from_utf16(&[0xD800]).unwrap_err());
        assert_eq!(error.code(), Code::Codec);
        assert!(error.downcast_ref::<string::FromUtf16Error>().is_some());
    }

    #[test]
    fn an_io_error_has_the_code_of_its_kind_and_keeps_the_original_and_its_source() {
        let cases = [
            (io::ErrorKind::NotFound, Code::NotFound),
            (io::ErrorKind::AlreadyExists, Code::Conflict),
            (io::ErrorKind::FileTooLarge, Code::TooLarge),
            (io::ErrorKind::ConnectionRefused, Code::Unavailable),
            (io::ErrorKind::TimedOut, Code::Unavailable),
            (io::ErrorKind::PermissionDenied, Code::Internal),
            (io::ErrorKind::Other, Code::Internal),
        ];
        for (kind, code) in cases {
            let inner = Error::internal("outer").with_source(Error::internal("root"));
            let error = Error::from(io::Error::new(kind, inner));
            assert_eq!(error.code(), code, "{kind}");
            assert_eq!(error.chain().to_string(), "outer: root");
            assert_eq!(error.downcast_ref::<io::Error>().map(io::Error::kind), Some(kind));
        }
    }
}
