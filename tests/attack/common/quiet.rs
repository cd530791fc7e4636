use std::env;
use std::panic;
use std::sync::Once;

/// Keeps panics inside rounds from being printed, as they are part of the attack; `COGEN_ATTACK_SHOW` prints them.
pub fn quiet(in_round: fn() -> bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        let shows = env::var_os("COGEN_ATTACK_SHOW").is_some();
        panic::set_hook(Box::new(move |info| {
            if shows || !in_round() {
                usual(info);
            }
        }));
    });
}
