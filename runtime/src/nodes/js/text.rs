//! Texts, bytes and addresses for the JavaScript library, as Node.js has them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rquickjs::{Ctx, Object, Result};
use url::Url;

/// Text as bytes. What does not belong to the encoding ends it (hex) or is skipped (base64).
pub(super) fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "hex" => {
            let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(16)).collect();
            digits.chunks_exact(2).map(|d| (d[0] * 16 + d[1]) as u8).collect()
        }
        "base64" | "base64url" => {
            let plain = text.chars().take_while(|c| *c != '=').filter_map(|c| match c {
                '-' => Some('+'),
                '_' => Some('/'),
                c if c.is_ascii_alphanumeric() || c == '+' || c == '/' => Some(c),
                _ => None,
            });
            let mut plain: String = plain.collect();
            if plain.len() % 4 == 1 {
                plain.pop();
            }
            // The last letter may hold bits beyond the last byte, which do not count.
            let lenient = base64::engine::GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
            let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
            engine.decode(&plain).or_else(|_| STANDARD_NO_PAD.decode(&plain)).unwrap_or_default()
        }
        "latin1" | "ascii" => text.encode_utf16().map(|unit| unit as u8).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

/// Bytes, given as a text of one letter for each, in an encoding.
pub(super) fn decoded(latin1: String, encoding: &str) -> String {
    let bytes: Vec<u8> = latin1.chars().map(|c| c as u8).collect();
    match encoding {
        "hex" => bytes.iter().map(|b| format!("{b:02x}")).collect(),
        "base64" => STANDARD.encode(&bytes),
        "base64url" => URL_SAFE_NO_PAD.encode(&bytes),
        "latin1" => latin1,
        "ascii" => bytes.iter().map(|b| char::from(b & 0x7f)).collect(),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The parts of an address; `None`: it is none.
pub(super) fn url<'js>(ctx: &Ctx<'js>, text: &str, base: &str) -> Result<Option<Object<'js>>> {
    let parsed = match base {
        "" => Url::parse(text),
        base => Url::parse(base).and_then(|base| base.join(text)),
    };
    parsed.ok().map(|url| parts(ctx, &url)).transpose()
}

/// The parts of an address with one of them changed; `None`: that cannot be.
pub(super) fn url_set<'js>(
    ctx: &Ctx<'js>,
    text: &str,
    name: &str,
    value: &str,
) -> Result<Option<Object<'js>>> {
    let Ok(mut url) = Url::parse(text) else { return Ok(None) };
    use url::quirks;
    let done = match name {
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        _ => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
    };
    done.ok().map(|()| parts(ctx, &url)).transpose()
}

fn parts<'js>(ctx: &Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    use url::quirks;
    let made = Object::new(ctx.clone())?;
    for (name, part) in [
        ("href", quirks::href(url)),
        ("protocol", quirks::protocol(url)),
        ("username", quirks::username(url)),
        ("password", quirks::password(url)),
        ("host", quirks::host(url)),
        ("hostname", quirks::hostname(url)),
        ("port", quirks::port(url)),
        ("pathname", quirks::pathname(url)),
        ("search", quirks::search(url)),
        ("hash", quirks::hash(url)),
    ] {
        made.set(name, part)?;
    }
    made.set("origin", quirks::origin(url))?;
    Ok(made)
}
