//! A thousand requests with a handler each, so that what is measured stands beside as many as a large application has.

use catga::prelude::*;

/// A request of each name, with its handler.
macro_rules! requests {
    ($($name:ident)*) => {
        $(
            const _: () = {
                #[derive(Request, Serialize, Deserialize)]
                #[request(response = ())]
                struct $name;

                #[handler]
                async fn handle(_: $name) -> Result<()> {
                    Ok(())
                }
            };
        )*
    };
}

requests! {
    R000 R001 R002 R003 R004 R005 R006 R007 R008 R009 R010 R011 R012 R013 R014 R015 R016 R017 R018 R019 R020 R021 R022 R023 R024 R025 R026 R027 R028 R029 R030 R031 R032 R033 R034 R035 R036 R037 R038 R039 R040 R041 R042 R043 R044 R045 R046 R047 R048 R049
}
