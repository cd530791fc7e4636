use std::rc::Rc;

/// Something of the library's that waits for ends.
pub(in crate::aio) trait Observer {
    /// The thing with this index has ended.
    fn notified(self: Rc<Self>, index: u32);
}
