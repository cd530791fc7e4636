use cogen::Exception;
use cogen::context::{ExitStack, context_manager};

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
        manager => "ContextManager { generator: LocalBoxGen { state: Created, .. } }",
    }
}
