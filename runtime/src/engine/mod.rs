//! The engine: one thread, one queue, nodes that run to completion, and stacks that change between two messages.

pub mod command;
pub(crate) mod context;
pub(crate) mod core;
mod cx;
pub(crate) mod env;
mod hold;
pub mod ledger;
mod listen;
pub mod options;
pub(crate) mod route;
mod scope;
pub(crate) mod stack;
mod status;
mod swap;
mod timers;
pub mod uplink;

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

pub(crate) use self::command::Arrived;
use self::command::Command;
pub use self::command::{
    Ack, Handle, InForce, Refusal, Release, Released, Removal, Rollback, Undelivered, Wanted,
};
pub use self::core::Totals;
use self::core::{Core, Delivery, NO_WIRE};
pub use self::ledger::{Change, Overlay, Sources};
pub use self::options::{MakeUplink, Options, Told};
pub use self::uplink::Uplink;
use crate::control;
use crate::deploy::Deploy;
use crate::node::{Level, Posted};
use crate::remote::safe;

/// Deliveries between two looks at what comes from outside.
const BATCH: usize = 256;

/// Runs a flow until `shutdown` is ready. Must be called inside a tokio runtime of one thread.
pub async fn run(
    deploy: Deploy,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> Result<Totals, String> {
    let engine = Engine::new(deploy, options)?;
    engine.run(shutdown).await
}

/// An engine that is made, but does not run yet.
pub struct Engine {
    core: Core,
    handle: Handle,
    commands: mpsc::Receiver<Command>,
    /// From other runtimes.
    arrivals: mpsc::Receiver<Arrived>,
    mailbox: mpsc::Receiver<Posted>,
    busy: usize,
    grace: Duration,
    control: Option<control::ControlOptions>,
    begins: Option<Told>,
}

impl Engine {
    /// Checks and wires a deploy; nothing runs before [`Engine::run`].
    pub fn new(deploy: Deploy, mut options: Options) -> Result<Self, String> {
        let (to_mailbox, mailbox) = mpsc::channel(options.mailbox.max(1));
        let (to_commands, commands) = mpsc::channel(options.mailbox.max(1));
        let (to_arrivals, arrivals) = mpsc::channel(options.mailbox.max(1));
        let handle = Handle { to: to_commands, arrivals: to_arrivals };
        let mut core = Core::new(deploy, &mut options, to_mailbox)?;
        if let Some(make) = options.uplink.take() {
            core.link_up(make(handle.clone())?);
        }
        let busy = options.busy.max(1);
        let Options { grace, control, begins, .. } = options;
        Ok(Self { core, handle, commands, arrivals, mailbox, busy, grace, control, begins })
    }

    /// A handle for the other parts of the process.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs until `shutdown` is ready, and then ends in bounded time ([`Options::grace`]): what is held goes the way that
    /// its router says, what is under way is delivered, nodes close in file order, taps write out what they hold. What
    /// is left after that is counted and said.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<Totals, String> {
        let control = match self.control.take() {
            Some(options) => {
                let io = self.core.io.handle()?;
                Some(control::listen(options, self.handle.clone(), &io).await?)
            }
            None => None,
        };
        if let Some(tell) = self.begins.take() {
            tell();
        }
        self.core.start_nodes();
        self.turn(shutdown).await;
        self.end().await;
        self.finish(control).await;
        Ok(self.core.totals)
    }

    /// The loop. Commands and events are looked at between batches; events only while little waits inside.
    async fn turn(&mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let sinks = self.core.taps.room.clone();
        loop {
            self.core.fire();
            self.core.settle();
            self.core.drain(BATCH);
            if self.core.taps.awaits_queue() {
                self.core.room_again();
            }
            let idle = self.core.is_idle();
            let next = self.core.timers.next_at();
            let room = self.core.queue.len() < self.busy;
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                Some(command) = self.commands.recv() => self.command(command),
                () = sinks.notified() => self.core.room_again(),
                Some(arrived) = self.arrivals.recv(), if room => self.arrived(arrived),
                Some(posted) = self.mailbox.recv(), if room => self.events(posted),
                () = sleep_until(next.unwrap_or_else(Instant::now)), if idle && next.is_some() => {}
                () = tokio::task::yield_now(), if !idle => {}
                else => return,
            }
        }
    }

    /// Lets go of everything held, delivers what is under way, and closes the nodes.
    async fn end(&mut self) {
        let deadline = Instant::now() + self.grace;
        self.core.end_holds();
        let sinks = self.core.taps.room.clone();
        loop {
            self.core.drain(BATCH);
            self.core.room_again();
            if self.core.is_idle() && self.core.holds.len() == 0 {
                break;
            }
            let idle = self.core.is_idle();
            tokio::select! {
                biased;
                // The first half is for sinks, the rest for the way after them.
                () = sleep_until(deadline - self.grace / 2) => break,
                () = sinks.notified(), if idle => {}
                () = tokio::task::yield_now(), if !idle => {}
            }
        }
        self.core.give_sinks_up();
        self.core.close_nodes(deadline);
    }

    /// Takes what waits in the mailbox as long as there is room.
    fn events(&mut self, first: Posted) {
        self.core.event(first);
        for _ in 0..BATCH {
            if self.core.queue.len() >= self.busy {
                return;
            }
            match self.mailbox.try_recv() {
                Ok(posted) => self.core.event(posted),
                Err(_) => return,
            }
        }
    }

    fn command(&mut self, command: Command) {
        // An answer that nobody waits for any more is no fault of the engine.
        match command {
            Command::Status(wanted, reply) => drop(reply.send(self.core.status(wanted))),
            Command::Standing(reply) => {
                let standing = self.core.ledger.standing(self.core.now_ms());
                drop(reply.send(Box::new(standing)));
            }
            Command::Past(reply) => drop(reply.send(self.core.ledger.list())),
            Command::Change(change, reply) => drop(reply.send(self.core.change(*change))),
            Command::Rollback(rollback, reply) => drop(reply.send(self.core.rollback(rollback))),
            Command::RemoveOverlay(removal, reply) => drop(reply.send(self.core.remove_overlay(removal))),
            Command::Subscribe(filter, reply) => {
                let queue = self.core.limits.sink_queue;
                let copies = self.core.taps.streams.subscribe(filter, queue);
                let _ = reply.send(copies);
            }
            Command::Held(reply) => drop(reply.send(self.core.holds.views())),
            Command::Release(id, how, reply) => drop(reply.send(self.core.release(id, how))),
            Command::Edit(id, msg, reply) => drop(reply.send(self.core.edit(id, &msg))),
            Command::Flows(reply) => drop(reply.send(self.core.flows_text.clone())),
        }
    }

    /// A message from another runtime. It passes no wire here: the sender's chain has run.
    fn arrived(&mut self, arrived: Arrived) {
        let Arrived { to, mut msg, hops, from, ack } = arrived;
        let Some(&index) = self.core.by_id.get(&to) else {
            return ack(Err(Undelivered::Refused(format!("there is no node `{to}`"))));
        };
        if self.core.is_elsewhere(index) {
            let home = self.core.stack.home(&to).map(safe);
            // It was sent here because it is believed to live here.
            if hops > 0 && home.is_some() && home == from {
                return ack(Err(Undelivered::Disputed));
            }
            let forwarded = self.core.forward(index, msg, hops);
            return ack(forwarded.map_err(|(_, why)| Undelivered::Refused(why)));
        }
        self.core.identify(&mut msg);
        self.core.queue.push_back(Delivery { to: index, lane: NO_WIRE, msg, ack: Some(ack) });
    }

    async fn finish(&mut self, control: Option<control::Listening>) {
        if let Some(control) = control {
            control.close().await;
        }
        let lost = self.core.queue.len() + self.core.holds.len();
        if lost > 0 {
            self.core.totals.lost += lost as u64;
            let text = format!("{lost} messages are lost: the flow did not come to rest in time");
            self.core.log(Level::Error, "engine", &text);
        }
        // What was not handed to its node goes back to where it came from.
        self.core.queue.clear();
        self.arrivals.close();
        while self.arrivals.try_recv().is_ok() {}
        if let Some(uplink) = self.core.uplink.take() {
            uplink.close(self.grace).await;
        }
        // Nobody listens to nodes any more: their last tasks must not wait for that.
        self.mailbox.close();
        while self.core.closing.join_next().await.is_some() {}
        for why in self.core.taps.close(self.grace).await {
            self.core.log(Level::Error, "engine", &why);
        }
    }
}
