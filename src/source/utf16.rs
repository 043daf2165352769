//! Text in UTF-16 as UTF-8: what PowerShell writes by `>` and `Out-File`, and the extended message trace of Exchange Online.

/// What a half of a surrogate pair without its other half becomes.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// The state of one text: its byte order, known by the mark if it has one, and what the last step left over.
#[derive(Debug, Default)]
pub(crate) struct Utf16 {
    /// None: nothing has come yet.
    is_big: Option<bool>,
    /// The first byte of a unit that the input ended within.
    half: Option<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    /// UTF-8 that the output had no room for.
    waiting: Waiting,
}

/// A few bytes of UTF-8: a character, behind a replacement at most.
#[derive(Debug, Default)]
struct Waiting {
    bytes: [u8; 8],
    from: usize,
    to: usize,
}

impl Waiting {
    fn push(&mut self, one: char) {
        if let Some(room) = self.bytes.get_mut(self.to..).filter(|room| room.len() >= one.len_utf8()) {
            self.to += one.encode_utf8(room).len();
        }
    }

    /// Moves what there is room for; true if nothing waits any more.
    fn flush(&mut self, output: &mut [u8], produced: &mut usize) -> bool {
        while let Some(&byte) = self.bytes.get(self.from..self.to).and_then(<[u8]>::first) {
            let Some(place) = output.get_mut(*produced) else { return false };
            *place = byte;
            *produced += 1;
            self.from += 1;
        }
        (self.from, self.to) = (0, 0);
        true
    }
}

impl Utf16 {
    /// Turns `input` into UTF-8 until one of both is used up: how much of each was.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let (mut consumed, mut produced) = (0, 0);
        while self.waiting.flush(output, &mut produced) {
            let Some(&byte) = input.get(consumed) else { break };
            consumed += 1;
            match self.half.take() {
                None => self.half = Some(byte),
                Some(first) => self.unit([first, byte]),
            }
        }
        (consumed, produced)
    }

    /// Takes a unit.
    fn unit(&mut self, bytes: [u8; 2]) {
        let is_mark = self.is_big.is_none() && matches!(bytes, [0xfe, 0xff] | [0xff, 0xfe]);
        // Windows writes the low byte first, also where it leaves out the mark.
        let is_big = *self.is_big.get_or_insert(bytes == [0xfe, 0xff]);
        if is_mark {
            return;
        }
        let unit = if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        let pair = self.high.take();
        let is_low = (0xdc00..0xe000).contains(&unit);
        match pair {
            Some(high) if is_low => {
                let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                self.waiting.push(char::from_u32(code).unwrap_or(REPLACEMENT));
                return;
            }
            Some(_) => self.waiting.push(REPLACEMENT),
            None => {}
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else {
            self.waiting.push(char::from_u32(u32::from(unit)).unwrap_or(REPLACEMENT));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `bytes` in pieces, into room for as much.
    fn read(bytes: &[u8], piece: usize) -> String {
        let (mut decoder, mut whole) = (Utf16::default(), Vec::new());
        for input in bytes.chunks(piece) {
            let mut rest = input;
            loop {
                let mut output = vec![0; piece];
                let (consumed, produced) = decoder.step(rest, &mut output);
                whole.extend_from_slice(&output[..produced]);
                rest = &rest[consumed..];
                if rest.is_empty() && produced < piece {
                    break;
                }
            }
        }
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn both_byte_orders_are_read_in_pieces_of_any_size() {
        let text = "to=<kim@example.net>, größer, 小猫, 🐈\r\n";
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for piece in 1..20 {
            assert_eq!((read(&little, piece).as_str(), read(&big, piece).as_str()), (text, text), "{piece}");
            assert_eq!(read(&little[2..], piece), text, "{piece}, without a mark");
        }
    }

    #[test]
    fn halves_of_pairs_are_replaced() {
        let units = [0xfeff_u16, 0xd83d, 0x61, 0xdc08, 0x62];
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(read(&bytes, 3), "\u{fffd}a\u{fffd}b");
    }
}
