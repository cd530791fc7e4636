use cogen::Exception;
use cogen::context::{ExitStack, NullContext, closing, context_manager, suppress};

use crate::{Plain, shows};

#[test]
fn managers() {
    let stack = ExitStack::new();
    stack.callback(|| ());
    let manager = context_manager(|co| async move {
        co.yield_(Plain).await;
        Ok::<_, Exception>(())
    });
    shows! {
        stack => "ExitStack { exits: 1 }",
        NullContext::once(Plain) => "NullContext { once: true, .. }",
        suppress::<std::fmt::Error>() => "Suppress { .. }",
        closing(Plain, drop) => "ClosingAfter { .. }",
        manager => "ContextManager { generator: LocalBoxGen { state: Created, .. } }",
    }
}
