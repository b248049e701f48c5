//! The environment variables that a node sees.

use std::collections::HashMap;
use std::rc::Rc;

use route_chain::Value;

use crate::node::NodeInfo;

/// Environment variables as Node-RED resolves them: of the node itself, then of groups, instance, subflow and tab, then
/// of the process. Clones share.
#[derive(Clone, Debug)]
pub struct Env(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    vars: HashMap<String, Value>,
    info: Rc<NodeInfo>,
}

impl Env {
    /// The environment of a node with the variables that its flow gives it.
    pub fn new(info: Rc<NodeInfo>, vars: HashMap<String, Value>) -> Self {
        Self(Rc::new(Inner { vars, info }))
    }

    /// A variable; `None`: there is none of this name. `$parent.` is dropped: inner variables hide outer ones for good.
    pub fn get(&self, name: &str) -> Option<Value> {
        let Inner { vars, info } = &*self.0;
        match name {
            "NR_NODE_ID" => return Some(Value::text(&info.id)),
            "NR_NODE_NAME" => return Some(Value::text(&info.name)),
            "NR_NODE_PATH" => return Some(Value::text(format!("{}/{}", info.z, info.id))),
            _ => {}
        }
        let mut name = name;
        while let Some(outer) = name.strip_prefix("$parent.") {
            name = outer;
        }
        if let Some(value) = vars.get(name) {
            return Some(value.clone());
        }
        match name {
            "NR_FLOW_ID" => Some(Value::text(&info.z)),
            "NR_GROUP_ID" => info.groups.first().map(Value::text),
            _ => std::env::var(name).ok().map(Value::text),
        }
    }
}
