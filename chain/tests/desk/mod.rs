//! A runtime for tests: its clock and dice are turned by hand, and it writes down what chains ask of it.
#![allow(dead_code, unreachable_pub)]

use route_chain::host::{CallResult, Host, TapResult};
use route_chain::state::States;
use route_chain::{Message, Value, ir};

pub struct Desk {
    pub states: States,
    pub now: f64,
    pub dice: f64,
    /// Its sinks are full.
    pub full: bool,
    pub written: Vec<String>,
}

impl Default for Desk {
    fn default() -> Self {
        Self { states: States::default(), now: 0.0, dice: 0.5, full: false, written: Vec::new() }
    }
}

impl Host for Desk {
    fn states(&mut self) -> &mut States {
        &mut self.states
    }
    fn now_ms(&mut self) -> f64 {
        self.now
    }
    fn random(&mut self) -> f64 {
        self.dice
    }
    fn tap(&mut self, _: u32, tap: &ir::Tap, _: &ir::Wire, copy: Message) -> TapResult {
        if self.full {
            return if tap.block { TapResult::Full } else { TapResult::Dropped };
        }
        self.written.push(format!("tap {}", copy.to_json()));
        TapResult::Taken
    }
    fn log(&mut self, _: u32, text: &str) {
        self.written.push(format!("log {text}"));
    }
    /// The modules `stop` and `fault` do what they are called; every other one marks the message.
    fn call(&mut self, _: u32, call: &ir::Call, _: &ir::Wire, mut msg: Message) -> CallResult {
        match call.plugin.as_str() {
            "stop" => CallResult::Stop(msg, "said no".into()),
            "fault" => CallResult::Fault(msg, "broke".into()),
            _ => {
                msg.set("called", Value::Bool(true));
                CallResult::Pass(msg)
            }
        }
    }
}
