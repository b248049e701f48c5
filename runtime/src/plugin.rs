//! Router modules of the user's own, called by `call`: the seed interface `open`, `send`, `close`, and their registry.

use std::collections::BTreeMap;

use route_chain::{Message, Value};
use serde_json::Value as Json;

/// What a module decides about one message.
#[derive(Debug)]
pub enum Outcome {
    /// Goes on in the chain.
    Pass(Message),
    /// Stops here and is counted; the text is the reason.
    Stop(Message, String),
}

/// A router module. One instance serves one router of one stack, on the engine's thread: `send` must not wait.
pub trait RouterModule {
    /// Called once, when the stack that names it is loaded; an `Err` refuses the stack.
    fn open(&mut self, options: &Json) -> Result<(), String>;
    /// One message on its way between two nodes. An `Err` is a fault: the router's `on fault` says what happens to the message.
    fn send(&mut self, source: &str, dest: &str, msg: Message) -> Result<Outcome, String>;
    /// Called once, when no message can reach the stack any more.
    fn close(&mut self) {}
}

/// Makes an instance of a module.
pub type MakeModule = fn() -> Box<dyn RouterModule>;

/// The modules that a runtime offers, by name.
#[derive(Clone, Debug)]
pub struct Registry {
    modules: BTreeMap<String, MakeModule>,
}

impl Default for Registry {
    fn default() -> Self {
        let mut registry = Self { modules: BTreeMap::new() };
        registry.add("stamp", || Box::new(Stamp::default()));
        registry
    }
}

impl Registry {
    /// Offers a module; one of the same name is replaced.
    pub fn add(&mut self, name: &str, make: MakeModule) {
        self.modules.insert(name.to_string(), make);
    }

    /// Makes and opens an instance.
    pub fn open(&self, name: &str, options: &Json) -> Result<Box<dyn RouterModule>, String> {
        let make = self.modules.get(name).ok_or_else(|| {
            let known: Vec<_> = self.modules.keys().map(|k| format!("`{k}`")).collect();
            format!("no router module is called `{name}`; there are {}", known.join(", "))
        })?;
        let mut module = make();
        module.open(options)?;
        Ok(module)
    }
}

/// The example module `stamp`: numbers the messages and writes number, source and destination under `msg.KEY`
/// (option `key`, `stamp` without it).
#[derive(Debug, Default)]
struct Stamp {
    key: String,
    count: f64,
}

impl RouterModule for Stamp {
    fn open(&mut self, options: &Json) -> Result<(), String> {
        self.key = match options.get("key") {
            None | Some(Json::Null) => "stamp".to_string(),
            Some(Json::String(key)) if !key.is_empty() => key.clone(),
            Some(_) => return Err("the option `key` of `stamp` must be a text that is not empty".to_string()),
        };
        Ok(())
    }

    fn send(&mut self, source: &str, dest: &str, mut msg: Message) -> Result<Outcome, String> {
        self.count += 1.0;
        let stamp = [
            ("number", Value::Number(self.count)),
            ("source", Value::text(source)),
            ("dest", Value::text(dest)),
        ];
        msg.set(&self.key, Value::object(stamp));
        Ok(Outcome::Pass(msg))
    }
}
