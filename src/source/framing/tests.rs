use proptest::prelude::*;

use super::*;

/// The records of `content`, which comes in blocks of `size`, with the bytes where they begin; and how many were too long.
fn cut<C: Cutter>(content: &[u8], size: usize) -> (Vec<(u64, Vec<u8>)>, u64) {
    let (mut cutter, mut records, mut at) = (C::default(), Vec::new(), 0);
    let mut each = |at, record: &[u8]| records.push((at, record.to_vec()));
    for block in content.chunks(size) {
        cutter.push(at, block, &mut each);
        at += block.len() as u64;
    }
    let overlong = cutter.finish(&mut each);
    (records, overlong)
}

/// `content` is cut into `expected`, in blocks of any size, and each record stands where it is said to.
#[track_caller]
fn check<C: Cutter>(content: &str, expected: &[&str]) {
    for size in 1..=content.len() {
        let (records, overlong) = cut::<C>(content.as_bytes(), size);
        let shown: Vec<_> = records.iter().map(|(_, record)| String::from_utf8_lossy(record)).collect();
        assert_eq!(shown, expected, "blocks of {size}");
        assert_eq!(overlong, 0);
        for (at, record) in &records {
            assert!(content.as_bytes()[*at as usize..].starts_with(record), "{at}");
        }
    }
}

mod csv {
    use super::*;

    #[test]
    fn a_row_ends_where_no_quote_is_open() {
        check::<Rows>(
            "type,rcpt,text\r\nd,a@b.c,\"550 no\nsuch \"\"user\"\"\"\nd,\"a,b\"@c,x\nd,,\"\"\n",
            &["type,rcpt,text", "d,a@b.c,\"550 no\nsuch \"\"user\"\"\"", "d,\"a,b\"@c,x", "d,,\"\""],
        );
    }

    #[test]
    fn a_quote_within_a_field_is_a_character() {
        check::<Rows>("d,it is 5\" long,x\nd,a\"b\n", &["d,it is 5\" long,x", "d,a\"b"]);
    }

    #[test]
    fn a_last_row_without_an_end_is_a_row_and_an_empty_line_is_none() {
        check::<Rows>("\na,b\n\r\nc,\"d", &["a,b", "c,\"d"]);
        check::<Rows>("\n", &[]);
    }

    #[test]
    fn an_unbalanced_quote_costs_one_row() {
        let plain: Vec<String> = (0..200).map(|n| format!("d,row {n},x")).collect();
        let expected: Vec<&str> = std::iter::once("d,\"lost").chain(plain.iter().map(String::as_str)).collect();
        check::<Rows>(&format!("d,\"lost\n{}\n", plain.join("\n")), &expected);
    }

    #[test]
    fn an_unbalanced_quote_among_quoted_rows_does_not_swallow_the_file() {
        // Every quote behind it is at a wrong place, so rows are torn; but none holds more than a few lines.
        let rows: Vec<String> = (0..200).map(|n| format!("d,row {n},\"x\"")).collect();
        let (records, _) = cut::<Rows>(format!("d,\"lost\n{}\n", rows.join("\n")).as_bytes(), 100);
        assert!(records.len() > 100, "{}", records.len());
    }

    #[test]
    fn a_row_of_any_length_takes_a_mebibyte() {
        let long = "x".repeat(3 * RECORD_BYTES);
        for content in [format!("a\n{long}\nb\n"), format!("a\n\"{long}\nb\n")] {
            let (records, overlong) = cut::<Rows>(content.as_bytes(), 100_000);
            assert_eq!((records.len(), overlong, records[1].1.len()), (3, 1, RECORD_BYTES));
            assert_eq!(records.last().unwrap().1, b"b");
        }
    }

    fn some_rows() -> impl Strategy<Value = Vec<Vec<String>>> {
        let field = prop_oneof!["[a-z@. ]{0,12}", "[a-z\",;\n]{0,8}", Just("550 5.1.1\r\nno \"such\" user".to_owned())];
        prop::collection::vec(prop::collection::vec(field, 2..5), 0..12)
    }

    proptest! {
        #[test]
        fn rows_are_those_of_a_csv_library(rows in some_rows(), size in 1_usize..50) {
            let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let content = writer.into_inner().unwrap();
            let (records, _) = cut::<Rows>(&content, size);
            let read: Vec<Vec<String>> = records.iter().map(|(_, record)| {
                let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&record[..]);
                let row = reader.records().next().unwrap().unwrap();
                row.iter().map(str::to_owned).collect()
            }).collect();
            prop_assert_eq!(read, rows);
        }
    }
}

mod json {
    use super::*;

    #[test]
    fn objects_stand_anywhere() {
        let (one, two) = ("{\"a\":{\"b\":[1,{}]}}", "{\"c\":\"}{\\\"\\\\\"}");
        check::<Objects>(&format!("{one}\n{two}\n"), &[one, two]);
        check::<Objects>(&format!("{one}{two}"), &[one, two]);
        check::<Objects>(&format!("\u{feff}[\n  [{one}],\r\n  {two}\n]\n"), &[one, two]);
        check::<Objects>(&format!("\u{1e}{one}\n\u{1e}{two}\n"), &[one, two]);
    }

    #[test]
    fn an_object_may_be_printed_over_lines() {
        let pretty = "{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n    {\n    }\n  ],\n  \"c\":\n  {\n  }\n}";
        check::<Objects>(&format!("[{pretty},\n{pretty}]"), &[pretty, pretty]);
    }

    #[test]
    fn an_object_that_wraps_others_is_one() {
        let wrapper = "{\"Records\":[{\"a\":1},\n{\"b\":2}]}";
        check::<Objects>(wrapper, &[wrapper]);
    }

    #[test]
    fn what_is_no_object_is_a_record_for_each_of_its_lines() {
        check::<Objects>("what\n{\"a\":1} tail {\"b\":2}\n{\"c\":3}\n", &["what", "{\"a\":1}", "tail {\"b\":2}", "{\"c\":3}"]);
        check::<Objects>("null", &["null"]);
        check::<Objects>(" [ ] ,\n", &[]);
    }

    #[test]
    fn an_object_that_is_cut_short_swallows_none() {
        let next = "{\"n\":[{\"x\":1}]}";
        for cut in ["{\"a\":1,", "{\"a\":1,\"b\":\"tru", "{\"a\":\"b\\", "{\"a\":{\"b\":[1", "{\"a\":1]}"] {
            check::<Objects>(&format!("{next}\n{cut}\n{next}\n{next}"), &[next, cut, next, next]);
        }
        // Where a value may stand, the next object is taken for it.
        check::<Objects>(&format!("{{\"a\":\n{next}\n{next}\n{next}"), &[&format!("{{\"a\":\n{next}"), next, next]);
    }

    #[test]
    fn nesting_without_end_takes_no_memory_and_costs_one_record() {
        let next = "{\"n\":1}";
        let deep = "{\"a\":[".to_owned() + &"[".repeat(100_000);
        let (records, _) = cut::<Objects>(format!("{deep}\n{next}").as_bytes(), 1_000);
        assert_eq!(records.iter().map(|(_, record)| record.len()).collect::<Vec<_>>(), [deep.len(), next.len()]);
    }

    #[test]
    fn an_object_of_any_length_takes_a_mebibyte() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2 * RECORD_BYTES));
        let (records, overlong) = cut::<Objects>(format!("{long}\n{{\"b\":1}}").as_bytes(), 100_000);
        assert_eq!((records.len(), overlong, records[0].1.len()), (2, 1, RECORD_BYTES));
        assert_eq!(records[1], (long.len() as u64 + 1, b"{\"b\":1}".to_vec()));
    }

    /// Objects of all sorts of values.
    fn some_object() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i32>().prop_map(Into::into),
            "[a-z{}\\[\\]\",:\\\\\n\u{e9}]{0,12}".prop_map(Into::into),
        ];
        let value = leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"{]{1,4}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        });
        prop::collection::btree_map("[a-z]{1,4}", value, 0..4).prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn records_are_the_objects_however_they_are_written(objects in prop::collection::vec(some_object(), 0..6), size in 1_usize..60) {
            let each = |write: fn(&serde_json::Value) -> serde_json::Result<String>| objects.iter().map(|object| write(object).unwrap()).collect::<Vec<_>>();
            let (short, pretty) = (each(serde_json::to_string), each(serde_json::to_string_pretty));
            let ways = [
                short.join("\n"),
                short.concat(),
                format!("[{}]", short.join(",")),
                pretty.join("\n"),
                format!("[\n[{}]]\n", pretty.join(", ")),
                serde_json::to_string_pretty(&objects).unwrap(),
            ];
            for way in ways {
                let (records, _) = cut::<Objects>(way.as_bytes(), size);
                let read: Vec<serde_json::Value> = records.iter().map(|(_, record)| serde_json::from_slice(record).unwrap()).collect();
                prop_assert_eq!(&read, &objects, "{}", way);
            }
        }
    }
}

mod mails {
    use super::*;

    const ONE: &str = "From MAILER-DAEMON Thu Oct  1 08:00:00 2026\nSubject: one\n\nFrom here on it is text.\n>From quoted\n";
    const TWO: &str = "From b@example.org Thu Oct  1 08:00:01 2026\nSubject: two\n\n";

    #[test]
    fn a_mailbox_is_cut_before_its_separators() {
        check::<Mails>(&format!("{ONE}\n{TWO}\n{ONE}"), &[ONE, TWO, ONE]);
    }

    #[test]
    fn line_ends_may_be_those_of_smtp() {
        let (one, two) = (ONE.replace('\n', "\r\n"), TWO.replace('\n', "\r\n"));
        check::<Mails>(&format!("\r\n{one}\r\n{two}\r\n{one}"), &[&one, &two, &one]);
    }

    #[test]
    fn a_file_that_is_a_mail_is_one_record_whatever_it_holds() {
        let mail = format!("Subject: fwd\n\ntext\n\n{TWO}{ONE}");
        check::<Mails>(&mail, &[&mail]);
        check::<Mails>("\n\n", &[]);
    }

    #[test]
    fn a_mail_of_any_length_takes_a_mebibyte() {
        let content = format!("{ONE}{}\n\n{TWO}", "long text\n".repeat(300_000));
        let (records, overlong) = cut::<Mails>(content.as_bytes(), 100_000);
        assert_eq!((records.len(), overlong, records[0].1.len()), (2, 1, RECORD_BYTES));
    }
}

mod entries {
    use super::*;

    const ONE: &str = "__CURSOR=s=7;i=1\n__REALTIME_TIMESTAMP=1\nMESSAGE\n\u{5}\0\0\0\0\0\0\0a\n\nb\n\n_PID=1\n";
    const TWO: &str = "__CURSOR=s=7;i=2\nA=b\nMESSAGE=x\n";

    #[test]
    fn an_exported_entry_ends_with_an_empty_line_or_before_a_cursor() {
        let (one, two) = (ONE.trim_end(), TWO.trim_end());
        check::<Entries>(&format!("{ONE}\n{TWO}\n\n{TWO}{ONE}"), &[one, two, two, one]);
        check::<Entries>("\n\n", &[]);
    }

    #[test]
    fn a_verbose_entry_ends_before_a_line_that_begins_another() {
        let entry = "Mon 2026-10-05 08:02:03 UTC [s=7;t=5]\n    MESSAGE=a\n            b\n      \n    _PID=1";
        let remark = "-- Boot 77 --";
        check::<Entries>(&format!("{remark}\n{entry}\n{entry}\n{remark}\n{entry}\n"), &[remark, entry, entry, remark, entry]);
    }

    #[test]
    fn a_length_that_cannot_be_costs_one_entry() {
        let broken = "__CURSOR=s=7;i=3\nMESSAGE\n\u{5}\0\0\0\u{1}\0\0\0abc";
        check::<Entries>(&format!("{broken}\n{TWO}"), &[broken, TWO.trim_end()]);
        // One that might be takes no more than it says.
        let (records, _) =
            cut::<Entries>(format!("__CURSOR=1\nMESSAGE\n\u{7f}\0\0\0\0\0\0\0ab\n{}", TWO.repeat(20)).as_bytes(), 7);
        assert!(records.len() > 10, "{}", records.len());
    }

    #[test]
    fn an_entry_of_any_length_takes_a_mebibyte() {
        let long = "x".repeat(3 * RECORD_BYTES);
        let (records, overlong) = cut::<Entries>(format!("__CURSOR=1\nA={long}\nB=c\n\n{TWO}").as_bytes(), 100_000);
        assert_eq!((records.len(), overlong, records[0].1.len()), (2, 1, RECORD_BYTES));
        assert_eq!(records[1].1, TWO.trim_end().as_bytes());
    }
}

/// Pieces that are nasty for every cutter.
fn some_content() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "__CURSOR=",
        "MESSAGE\n",
        "\u{5}\0\0\0\0\0\0\0",
        " [s=7]\n    ",
        "\n",
        "\r\n",
        "\"",
        ",",
        "\"\"",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\\",
        "a",
        " ",
        "\0",
        "{\"a\":1}",
        "{\"a\":\n",
        ",\"x",
        "From a Thu Oct  1 08:00:01 2026\n",
        "\n\nFrom b 1:00",
        "Subject: x\n",
        "<a x=\"",
        "<a>",
        "</a>",
        "<b/>",
        "</b>\n",
        "/>\n",
    ];
    let piece = prop_oneof![
        9 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..400).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn records_do_not_depend_on_blocks(content in some_content(), size in 1_usize..100) {
        let whole = content.len().max(1);
        prop_assert_eq!(cut::<Rows>(&content, size), cut::<Rows>(&content, whole));
        prop_assert_eq!(cut::<Objects>(&content, size), cut::<Objects>(&content, whole));
        prop_assert_eq!(cut::<Mails>(&content, size), cut::<Mails>(&content, whole));
        prop_assert_eq!(cut::<Elements>(&content, size), cut::<Elements>(&content, whole));
        prop_assert_eq!(cut::<Entries>(&content, size), cut::<Entries>(&content, whole));
    }

    #[test]
    fn records_follow_each_other_and_lose_nothing_that_counts(content in some_content()) {
        for cut in [cut::<Rows>, cut::<Objects>, cut::<Mails>, cut::<Elements>, cut::<Entries>] {
            let (records, _) = cut(&content, 7);
            let mut end = 0;
            let mut left = Vec::new();
            for (at, record) in &records {
                prop_assert!(*at >= end, "records overlap");
                left.extend_from_slice(&content[end as usize..*at as usize]);
                prop_assert_eq!(&content[*at as usize..*at as usize + record.len()], &record[..]);
                end = at + record.len() as u64;
            }
            left.extend_from_slice(&content[end as usize..]);
            let is_nothing = |byte: &u8| byte.is_ascii_whitespace() || b",[]\x1e\xef\xbb\xbf".contains(byte);
            prop_assert!(left.iter().all(is_nothing), "{:?}", left);
        }
    }
}

mod elements {
    use super::*;

    #[test]
    fn an_element_ends_with_its_end_tag() {
        check::<Elements>(
            "<a x=\"1\">\n<b/>\n</a>\r\n<c error=\"[\"a > b\"]\">\n</c>\n\n<d/>\n<e><f/></e>\n",
            &["<a x=\"1\">\n<b/>\n</a>", "<c error=\"[\"a > b\"]\">\n</c>", "<d/>", "<e><f/></e>"],
        );
    }

    #[test]
    fn elements_that_share_a_line_share_a_record() {
        check::<Elements>("<a></a><b>\n</b>\n<a></a>", &["<a></a><b>\n</b>", "<a></a>"]);
    }

    #[test]
    fn what_is_outside_of_elements_is_a_record_by_itself() {
        check::<Elements>(
            "<?xml version=\"1.0\"?>\nx\n<a>\ny\n</a>\nz",
            &["<?xml version=\"1.0\"?>", "x", "<a>\ny\n</a>", "z"],
        );
    }

    #[test]
    fn an_element_that_the_end_of_the_file_cuts_off_is_given_there() {
        check::<Elements>("<a>\n<b>\n</b>\n", &["<a>\n<b>\n</b>"]);
    }

    #[test]
    fn an_element_that_never_ends_does_not_swallow_the_file() {
        let rest = format!("<b>{}\n</b>\n", "x".repeat(1_000)).repeat(2 * RECORD_BYTES / 1_000);
        let (records, overlong) = cut::<Elements>(format!("<a>\n{rest}").as_bytes(), 4096);
        assert_eq!((records[0].1.len(), overlong), (RECORD_BYTES, 1));
        assert!(records.len() > 1_000, "{}", records.len());
    }

    #[test]
    fn a_line_of_very_many_elements_is_one_record() {
        let elements: Vec<String> = (0..50_000).map(|n| format!("<a{n}></a{n}>")).collect();
        let elements = elements.concat();
        let content = format!("{elements}\n<b/>\n");
        let (records, overlong) = cut::<Elements>(content.as_bytes(), 4096);
        assert_eq!((records.len(), records[0].1.len(), overlong), (2, elements.len(), 0));
        check::<Elements>("<a></b><b>\n</b></a><b></b><b>\n</b>\n", &["<a></b><b>\n</b></a><b></b><b>\n</b>"]);
    }

    #[test]
    fn a_line_that_is_too_long_gives_its_element_up() {
        let long = format!("<a {}\n<b/>\n", "x".repeat(RECORD_BYTES));
        let (records, overlong) = cut::<Elements>(long.as_bytes(), 4096);
        assert_eq!((records.len(), records[1].1.as_slice(), overlong), (2, &b"<b/>"[..], 1));
    }
}
