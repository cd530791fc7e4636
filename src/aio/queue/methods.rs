//! What all queues can do.

macro_rules! methods {
    ($name:ident, $core:ty, [$($bound:tt)*]) => {
        impl<T: $($bound)*> $name<T> {
            /// A queue for `maxsize` items; zero means no limit. Needs no loop.
            pub fn new(maxsize: usize) -> Self {
                Self {
                    core: <$core>::new(maxsize),
                }
            }

            /// Puts an item in. Waits for room if there is none. Python: `put`.
            ///
            /// Equivalent to: `async fn put(&self, item: T) -> Result<(), PutError<T>>`. A wait that is
            /// cancelled or dropped puts nothing in, and drops the item.
            ///
            /// # Errors
            ///
            /// [`QueueError::ShutDown`] if the queue has been shut down; the item comes back.
            ///
            /// # Panics
            ///
            /// If it has to wait, and is awaited outside a task.
            #[track_caller]
            pub fn put(&self, item: T) -> impl Future<Output = Result<(), PutError<T>>> {
                self.core.put(item, Location::caller())
            }

            /// Puts an item in, if there is room. Python: `put_nowait`.
            ///
            /// # Errors
            ///
            /// [`QueueError::Full`], or [`QueueError::ShutDown`]; the item comes back.
            pub fn put_nowait(&self, item: T) -> Result<(), PutError<T>> {
                self.core.put_nowait(item)
            }

            /// Takes an item. Waits for one if there is none. Python: `get`.
            ///
            /// Equivalent to: `async fn get(&self) -> Result<T, QueueError>`.
            ///
            /// # Errors
            ///
            /// [`QueueError::ShutDown`] if the queue has been shut down and is empty.
            ///
            /// # Panics
            ///
            /// If it has to wait, and is awaited outside a task.
            #[track_caller]
            pub fn get(&self) -> impl Future<Output = Result<T, QueueError>> {
                self.core.get(Location::caller())
            }

            /// Takes an item, if there is one. Python: `get_nowait`.
            ///
            /// # Errors
            ///
            /// [`QueueError::Empty`]; [`QueueError::ShutDown`] if the queue has been shut down, too.
            pub fn get_nowait(&self) -> Result<T, QueueError> {
                self.core.get_nowait()
            }

            /// Notes that an item that was taken is done. Python: `task_done`.
            ///
            /// # Errors
            ///
            /// [`Error::Value`] if every item that was put in is done already.
            pub fn task_done(&self) -> Result<(), Error> {
                self.core.task_done()
            }

            /// Waits until every item that was put in is done; does not suspend if they all are. Python:
            /// `join`.
            ///
            /// Equivalent to: `async fn join(&self)`.
            ///
            /// # Panics
            ///
            /// If it has to wait, and is awaited outside a task.
            #[track_caller]
            pub fn join(&self) -> impl Future<Output = ()> {
                self.core.join(Location::caller())
            }

            /// From now on nothing can be put in, and tasks that wait to do so get an error. The items in the
            /// queue can still be taken; after that, tasks that wait for an item get an error, too.
            /// `immediate`: the items in the queue are dropped, and count as done. Python 3.13: `shutdown`.
            pub fn shutdown(&self, immediate: bool) {
                self.core.shut_down(immediate);
            }

            /// How many items are in it. Python: `qsize`.
            pub fn qsize(&self) -> usize {
                self.core.len()
            }

            /// Whether there is no item. Python: `empty`.
            pub fn empty(&self) -> bool {
                self.core.len() == 0
            }

            /// Whether there is no room. Python: `full`.
            pub fn full(&self) -> bool {
                self.core.is_full()
            }

            /// How many items it is for; zero means no limit. Python: `maxsize`.
            pub fn maxsize(&self) -> usize {
                self.core.maxsize()
            }
        }

        impl<T: $($bound)*> $name<T>
        where
            T: 'static,
        {
            /// The entry by which handles on other threads find the queue.
            pub(in crate::aio) fn entry(self: &Rc<Self>) -> &Entry {
                self.core.entry(|| {
                    let queue: Rc<dyn AnyQueue<T>> = self.clone();
                    Entry::new(Rc::downgrade(&queue))
                })
            }
        }

        impl<T: $($bound)*> AnyQueue<T> for $name<T> {
            fn any_get(&self, at: &'static Location<'static>) -> Waits<'_, Result<T, QueueError>> {
                Box::pin(self.core.get(at))
            }

            fn any_put<'a>(
                &'a self,
                from: &'a dyn Supplier<T>,
                at: &'static Location<'static>,
            ) -> Waits<'a, Result<(), QueueError>> {
                Box::pin(self.core.put_from(from, at))
            }

            fn any_put_back(&self, item: T) {
                self.core.put_back(item);
            }

            fn any_shut_down(&self, immediate: bool) {
                self.core.shut_down(immediate);
            }

            fn any_task_done(&self) -> Result<(), Error> {
                self.core.task_done()
            }
        }

        /// As in Python: without a limit.
        impl<T: $($bound)*> Default for $name<T> {
            fn default() -> Self {
                Self::new(0)
            }
        }

        impl<T: $($bound)*> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.core.fmt(stringify!($name), f)
            }
        }
    };
}
pub(super) use methods;
