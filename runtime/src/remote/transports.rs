//! The transports that this build has.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::link::{Link, Open, Spec};

/// Opens links over the transports of this build.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transports;

impl Open for Transports {
    fn supports(&self, spec: &Spec) -> Result<(), String> {
        let name = spec.transport();
        match spec {
            Spec::Zenoh { .. } if cfg!(feature = "zenoh") => Ok(()),
            Spec::Zenoh { .. } => {
                Err(format!("this build has no transport `{name}`: build `routec` with the feature `{name}`"))
            }
            Spec::Nats { .. } | Spec::Mqtt { .. } => {
                Err(format!("this runtime has no transport `{name}`: say `zenoh` for the runtime"))
            }
        }
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
                other => Err(self.supports(other).err().unwrap_or_default()),
            }
        })
    }
}
