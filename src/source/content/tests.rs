use proptest::prelude::*;

use super::super::damage::{Mishap, Severity};
use super::super::file::File;
use super::super::input::Progress;
use super::super::opened::{Decompress, Range};
use super::super::packing::{Folder, PACKS, Pack, bzip2, gzip, log, xz, zstd};
use super::*;

/// The content of stored `bytes`, read in pieces of an odd size, and what happened.
fn unpacked(bytes: Vec<u8>) -> (Vec<u8>, Vec<Mishap>) {
    let left = Some(bytes.len() as u64);
    let mut content =
        Content::new("mail.log.gz", Input::new(Box::new(std::io::Cursor::new(bytes)), left, 0, Progress::default()));
    let (mut whole, mut piece) = (Vec::new(), [0; 1009]);
    loop {
        let bytes = content.fill(&mut piece);
        whole.extend_from_slice(&piece[..bytes]);
        if bytes < piece.len() {
            return (whole, content.into_damage().into_iter().map(|damage| damage.what).collect());
        }
    }
}

/// The compressions that are some.
fn packs() -> impl Iterator<Item = (&'static str, Pack)> {
    PACKS.into_iter().filter(|(name, _)| *name != "plain")
}

#[test]
fn text_in_utf_16_is_read_as_utf_8_and_ends_without_damage() {
    let text = String::from_utf8(log(400)).unwrap().replace("status=sent", "stat=zugestellt, grün");
    let little: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(unpacked(bytes), (text.clone().into_bytes(), vec![]));
    }
}

#[test]
fn members_follow_each_other() {
    for (name, pack) in packs() {
        let joined = [pack(b"one\n"), pack(b""), pack(b"two\nthr"), pack(b"ee\n")].concat();
        assert_eq!(unpacked(joined), (b"one\ntwo\nthree\n".to_vec(), vec![]), "{name}");
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let skippable = b"\x51\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    let joined = [skippable.clone(), zstd(b"one\n"), skippable.clone(), zstd(b"two\n"), skippable].concat();
    assert_eq!(unpacked(joined), (b"one\ntwo\n".to_vec(), vec![]));
}

#[test]
fn what_follows_the_last_member_is_told_and_costs_nothing_before_it() {
    for (name, pack) in packs() {
        let compression = Compression::recognise(&pack(b""));
        let garbage = [pack(b"one\n"), b"Oct  1 06:25:01 mx1".to_vec()].concat();
        assert_eq!(unpacked(garbage), (b"one\n".to_vec(), vec![Mishap::Garbage(compression, 4)]), "{name}");
        let padded = [pack(b"one\n"), vec![0; 100_000]].concat();
        let expected = if compression == Compression::Xz { vec![] } else { vec![Mishap::Padding(compression, 4)] };
        assert_eq!(unpacked(padded), (b"one\n".to_vec(), expected), "{name}");
        let between = [pack(b"one\n"), vec![0; 8], pack(b"two\n")].concat();
        assert_eq!(unpacked(between).0, b"one\ntwo\n", "{name}");
    }
}

#[test]
fn a_cut_file_gives_what_came_before_the_cut() {
    let content = log(20_000);
    for (name, pack) in packs() {
        let whole = pack(&content);
        let (kept, damage) = unpacked(whole[..whole.len() / 2].to_vec());
        assert!(
            content.starts_with(&kept) && kept.len() > content.len() / 4,
            "{name} keeps {} of {}",
            kept.len(),
            content.len()
        );
        assert_eq!(damage, vec![Mishap::Truncated(Compression::recognise(&whole), kept.len() as u64)], "{name}");
    }
}

#[test]
fn a_broken_file_gives_what_came_before_the_break() {
    let content = log(20_000);
    for (name, pack) in packs() {
        let mut broken = pack(&content);
        let middle = broken.len() / 2;
        broken[middle..middle + 64].fill(0xff);
        let (kept, damage) = unpacked(broken);
        // What a decoder makes of the broken bytes may come too, before it sees what they are: gzip has a checksum at its end only.
        let good = content.iter().zip(&kept).take_while(|(one, other)| one == other).count();
        assert!(good > content.len() / 4, "{name} keeps {good}, gives {}", kept.len());
        assert!(matches!(damage[..], [Mishap::Corrupt(_, at, _)] if at == kept.len() as u64), "{name}: {damage:?}");
    }
}

#[test]
fn a_wrong_checksum_is_damage_behind_all_the_content() {
    let mut packed = gzip(b"one\ntwo\n");
    let checksum = packed.len() - 8;
    packed[checksum] ^= 1;
    let (kept, damage) = unpacked(packed);
    assert_eq!(kept, b"one\ntwo\n");
    assert!(matches!(damage[..], [Mishap::Corrupt(Compression::Gzip, 8, _)]), "{damage:?}");
}

#[test]
fn a_window_that_asks_for_too_much_memory_is_refused() {
    // A frame header without single segment and with a window of 2^31 bytes (RFC 8878 section 3.1.1.1.2).
    let huge = b"\x28\xb5\x2f\xfd\0\xa8\x01\0\0".to_vec();
    let (kept, damage) = unpacked(huge);
    assert!(matches!(&damage[..], [Mishap::Corrupt(Compression::Zstd, 0, reason)] if reason.contains("memory")), "{damage:?}");
    assert_eq!(kept, b"");
    // The size of the dictionary in the header of the block, and the checksum of that header (xz file format, section 3.1).
    let mut packed = xz(b"one\n");
    assert_eq!(packed[14..16], [0x21, 1], "LZMA2, with one byte of properties");
    packed[16] = 36;
    let end = 12 + usize::from(packed[12]) * 4;
    let mut checksum = flate2::Crc::new();
    checksum.update(&packed[12..end]);
    packed[end..end + 4].copy_from_slice(&checksum.sum().to_le_bytes());
    let (_, damage) = unpacked(packed);
    assert!(matches!(&damage[..], [Mishap::Corrupt(Compression::Xz, 0, reason)] if reason.contains("memory")), "{damage:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_cut_anywhere_gives_a_beginning(place in any::<prop::sample::Index>(), lines in 1_usize..30) {
        let content = log(lines);
        for (name, pack) in packs() {
            let whole = pack(&content);
            let end = 6 + place.index(whole.len() - 5);
            let (kept, damage) = unpacked(whole[..end].to_vec());
            prop_assert!(content.starts_with(&kept), "{}", name);
            prop_assert_eq!(damage.is_empty(), end == whole.len(), "{} cut at {}: {:?}", name, end, damage);
        }
    }

    #[test]
    fn no_bytes_can_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), lines in 0_usize..20, at in any::<prop::sample::Index>()) {
        for (_, pack) in packs() {
            let mut packed = pack(&log(lines));
            let at = at.index(packed.len());
            packed.splice(at.., bytes.iter().copied());
            unpacked(packed);
        }
    }
}

#[test]
fn a_small_gzip_cut_or_spoilt_at_each_byte_gives_the_beginning_of_its_lines() {
    let content = log(12);
    let whole = gzip(&content);
    for at in 2..whole.len() {
        let (kept, damage) = unpacked(whole[..at].to_vec());
        assert!(content.starts_with(&kept));
        assert_eq!(damage, vec![Mishap::Truncated(Compression::Gzip, kept.len() as u64)]);
        let garbage = [&whole[..at], b"\xffgarbage\0garbage"].concat();
        assert!(!unpacked(garbage).1.is_empty(), "garbage at {at} is noticed");
    }
}

#[test]
fn the_stamp_of_the_header_is_known() {
    let folder = Folder::new();
    let file = folder.file("mail.log.2.gz", &gzip(b"one\n"));
    assert_eq!((file.compression, file.gzip_time), (Compression::Gzip, Some(Micros(1_790_812_800_000_000))));
    assert_eq!(folder.file("mail.log.3", &bzip2(b"one\n")).gzip_time, None);
}

#[test]
fn what_happened_to_a_file_is_told_with_its_name() {
    let folder = Folder::new();
    let whole = gzip(&log(2_000));
    let file: File = folder.file("mail.log.2.gz", &whole[..whole.len() - 9]);
    let ended = file.open(Range::Whole, Decompress::Ahead, &Progress::default()).unwrap().each_line(|_, _| {});
    assert_eq!(
        ended.damage.iter().map(|damage| (&*damage.path, damage.severity())).collect::<Vec<_>>(),
        [("mail.log.2.gz", Severity::Damage)]
    );
}
