//! The transports that this build has.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::link::{Link, Open, Spec};

/// Opens links over the transports of this build.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transports;

impl Open for Transports {
    fn supports(&self, spec: &Spec) -> Result<(), String> {
        let has = match spec {
            Spec::Zenoh { .. } => cfg!(feature = "zenoh"),
            Spec::Nats { .. } => cfg!(feature = "nats"),
            Spec::Mqtt { .. } => cfg!(feature = "mqtt"),
        };
        let name = spec.transport();
        if has {
            return Ok(());
        }
        Err(format!("this build has no transport `{name}`: build `routec` with the feature `{name}`"))
    }

    #[allow(unused_variables)]
    fn open<'a>(&'a self, spec: &'a Spec, me: &'a str) -> BoxFuture<'a, Result<Arc<dyn Link>, String>> {
        Box::pin(async move {
            match spec {
                #[cfg(feature = "zenoh")]
                Spec::Zenoh { listen, connect } => {
                    let zenoh = super::zenoh::Zenoh::open(listen.as_deref(), connect).await?;
                    Ok(Arc::new(zenoh) as Arc<dyn Link>)
                }
                #[cfg(feature = "nats")]
                Spec::Nats { url, durable } => {
                    Ok(Arc::new(super::nats::Nats::open(url, *durable, me).await?) as Arc<dyn Link>)
                }
                #[cfg(feature = "mqtt")]
                Spec::Mqtt { url } => Ok(Arc::new(super::mqtt::Mqtt::open(url, me)?) as Arc<dyn Link>),
                #[allow(unreachable_patterns)]
                other => Err(self.supports(other).err().unwrap_or_default()),
            }
        })
    }
}
