//! What chains ask of a world: the time, the dice, sinks for copies, modules.

use route_chain::Message;
use route_chain::host::{CallResult, Host, TapResult};
use route_chain::ir;
use route_chain::state::States;

use super::Modules;

pub(super) struct Desk<'a> {
    /// By site.
    states: Vec<States>,
    pub(super) site: usize,
    pub(super) now_ms: f64,
    dice: u64,
    modules: Box<dyn Modules + 'a>,
    /// Copies for nodes, with the id of each.
    pub(super) copies: Vec<(String, Message)>,
    /// For a site that does not exist.
    none: States,
}

impl<'a> Desk<'a> {
    pub(super) fn new(states: Vec<States>, now_ms: f64, seed: u64, modules: Box<dyn Modules + 'a>) -> Self {
        Self { states, site: 0, now_ms, dice: seed, modules, copies: Vec::new(), none: States::new() }
    }

    /// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014), as a double in `0..1`.
    pub(super) fn draw(&mut self) -> f64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Host for Desk<'_> {
    fn states(&mut self) -> &mut States {
        self.states.get_mut(self.site).unwrap_or(&mut self.none)
    }

    fn now_ms(&mut self) -> f64 {
        self.now_ms
    }

    fn random(&mut self) -> f64 {
        self.draw()
    }

    /// Sinks take everything; what they got is in the record of the router.
    fn tap(&mut self, _: u32, tap: &ir::Tap, _: &ir::Wire, copy: Message) -> TapResult {
        if let ir::Sink::Node(to) = &tap.sink {
            self.copies.push((to.clone(), copy));
        }
        TapResult::Taken
    }

    fn log(&mut self, _: u32, _: &str) {}

    fn call(&mut self, router: u32, call: &ir::Call, wire: &ir::Wire, msg: Message) -> CallResult {
        self.modules.call(router, call, wire, msg)
    }
}
