//! Text encodings of files, by the names that Node-RED's editor offers (those of iconv-lite).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::Encoding;

/// A text in an encoding; characters that it does not have become `?`. An unknown encoding is an error.
pub(super) fn encode(text: &str, name: &str) -> Result<Vec<u8>, String> {
    Ok(match plain(name).as_str() {
        "none" | "" | "utf8" => text.as_bytes().to_vec(),
        "utf16le" | "ucs2" | "utf16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "ascii" => text.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }).collect(),
        "binary" | "latin1" | "iso88591" => {
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
        }
        "hex" => {
            let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(16)).collect();
            digits.chunks_exact(2).map(|d| (d[0] * 16 + d[1]) as u8).collect()
        }
        "base64" => STANDARD.decode(text).map_err(|e| e.to_string())?,
        _ => {
            let encoding = find(name)?;
            let mut bytes = Vec::new();
            for c in text.chars() {
                let mut buffer = [0; 4];
                let (piece, _, lost) = encoding.encode(c.encode_utf8(&mut buffer));
                match lost {
                    true => bytes.push(b'?'),
                    false => bytes.extend_from_slice(&piece),
                }
            }
            bytes
        }
    })
}

/// Bytes in an encoding as text; what is none becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], name: &str) -> Result<String, String> {
    let units = |of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    Ok(match plain(name).as_str() {
        "none" | "" | "utf8" => String::from_utf8_lossy(bytes).into_owned(),
        "utf16le" | "ucs2" | "utf16" => units(u16::from_le_bytes),
        "utf16be" => units(u16::from_be_bytes),
        "ascii" => bytes.iter().map(|b| char::from(b & 0x7f)).collect(),
        "binary" | "latin1" | "iso88591" => bytes.iter().map(|b| char::from(*b)).collect(),
        "hex" => bytes.iter().map(|b| format!("{b:02x}")).collect(),
        "base64" => STANDARD.encode(bytes),
        _ => find(name)?.decode_without_bom_handling(bytes).0.into_owned(),
    })
}

/// `ISO-8859-1` and `iso88591` are the same.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn find(name: &str) -> Result<&'static Encoding, String> {
    let short = plain(name);
    let windows =
        short.strip_prefix("win").or_else(|| short.strip_prefix("cp")).map(|n| format!("windows-{n}"));
    let iso = short.strip_prefix("iso8859").map(|n| format!("iso-8859-{n}"));
    [Some(name.to_owned()), windows, iso, Some(short)]
        .into_iter()
        .flatten()
        .find_map(|label| Encoding::for_label(label.as_bytes()))
        .ok_or_else(|| format!("Encoding not recognized: '{name}' (searched as: '{}')", plain(name)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn there_and_back() {
        for name in ["none", "utf8", "utf-16le", "UTF16-BE", "latin1", "ISO-8859-15", "win1252", "cp1251"] {
            let text = if name == "cp1251" { "дом" } else { "aé" };
            assert_eq!(decode(&encode(text, name).unwrap(), name).unwrap(), text, "{name}");
        }
        assert_eq!(encode("日本", "Shift_JIS").unwrap(), [0x93, 0xfa, 0x96, 0x7b]);
        assert_eq!(decode(&[0x93, 0xfa, 0x96, 0x7b], "sjis").unwrap(), "日本");
        assert_eq!(encode("a日", "latin1").unwrap(), b"a?");
        assert_eq!(
            (encode("6869", "hex").unwrap(), decode(b"hi", "base64").unwrap()),
            (b"hi".to_vec(), "aGk=".into())
        );
        assert!(encode("a", "klingon").unwrap_err().contains("klingon"));
    }
}
