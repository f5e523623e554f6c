//! A thousand handlers, fifty for each of twenty events, so that what is measured stands beside as many as a large application has.

use catga::prelude::*;

/// An event of each name, with fifty handlers.
macro_rules! events {
    ($($event:ident)*) => {
        $(
            #[derive(Event, Clone, Serialize, Deserialize)]
            struct $event;

            handlers_of! {
                $event:
                "h00" "h01" "h02" "h03" "h04" "h05" "h06" "h07" "h08" "h09"
                "h10" "h11" "h12" "h13" "h14" "h15" "h16" "h17" "h18" "h19"
                "h20" "h21" "h22" "h23" "h24" "h25" "h26" "h27" "h28" "h29"
                "h30" "h31" "h32" "h33" "h34" "h35" "h36" "h37" "h38" "h39"
                "h40" "h41" "h42" "h43" "h44" "h45" "h46" "h47" "h48" "h49"
            }
        )*
    };
}

/// A handler of each name.
macro_rules! handlers_of {
    ($event:ident: $($name:literal)*) => {
        $(
            const _: () = {
                #[handler(name = $name)]
                async fn handle(_: &$event) -> Result<()> {
                    Ok(())
                }
            };
        )*
    };
}

events! { E00 E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E12 E13 E14 E15 E16 E17 E18 E19 }
