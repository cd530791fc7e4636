//! What each kind of object does, case by case.

mod barriers;
mod conditions;
mod locks;
mod outside;
mod queues;
mod scopes;
mod semaphores;
