// JSON, and what is none (RFC 8259), as bytes: what any parser must take, what none may take, and what each may decide by itself.

const text = (...texts: readonly string[]): readonly Buffer[] => texts.map((one) => Buffer.from(one))
const bytes = (...list: readonly (readonly (number | string)[])[]): readonly Buffer[] => list.map((parts) => Buffer.concat(parts.map((part) => typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

/** JSON that is taken. */
export const TAKEN: readonly Buffer[] = [
  ...text('null', 'true', 'false', ' null ', '\t\r\n null\n', '"x"', '""', '[]', '{}', '[ ]', '{ }', '[\n]', '{\n}'),
  // Numbers.
  ...text('0', '-0', '0.0', '-0.0', '0e0', '0e+1', '0E-1', '1', '-1', '10', '123456789', '1.5', '-1.5', '0.1', '1.0', '1.50', '1e3', '1E3', '1e+3', '1e-3', '1.5e3', '1.5E-3', '1e00', '1e+00', '1e01', '0.00000000000000000000001', '1e-400', '-1e-400', '5e-324', '1.7976931348623157e308',
    '9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '18446744073709551615', '123456789012345678901234567890', '0.30000000000000004', '3.141592653589793238462643383279', `1${'0'.repeat(300)}`, `0.${'0'.repeat(1000)}1`),
  // Strings.
  ...text('"\\""', '"\\\\"', '"\\/"', '"/"', '"\\b\\f\\n\\r\\t"', '"\\u0041"', '"\\u00e9"', '"\\u00E9"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\u2028\\u2029"', '"\u2028\u2029"', '"\\u0001"', '"\\u001f"', '"\u007f"', '"\u0080"', '"\\u007f"', '"\\ufeff"', '"\ufeff"', '"\\uffff"', '"\uffff"', '"\\ufffe"', '"\ufdd0"', '"\u{1f600}"', '"\u{10ffff}"', '"\\udbff\\udfff"',
    '"é"', '"e\u0301"', '"\u200b"', '"\u202e"', '"\\\\u0000"', '"\\\\ud800"', '"\\\\n"', '"a\\\\"', '"\\\\\\""', '"[{]}"', '"/*x*/"', '"//"', '"{\\"a\\":1}"', '"\'"', '" "', '"\u00a0"', '"\u3000"', `"${'x'.repeat(5000)}"`, `"${'\\u0078'.repeat(300)}"`, `"${'é'.repeat(3000)}"`),
  // Arrays and objects.
  ...text('[1]', '[1,2]', '[ 1 , 2 ]', '[[]]', '[[],[]]', '[{}]', '[null,true,false,0,"",[],{}]', '[1\n,2]', '{"a":1}', '{ "a" : 1 }', '{"a":1,"b":2}', '{"b":2,"a":1}', '{"a":{"a":{"a":1}}}', '{"a":[]}', '{"":1}', '{" ":1}', '{"a":null}', '{"a":1,"a":2}', '{"a":1,"a":1}', '{"a":{"b":1},"a":{"c":2}}', '{"a":1,"\\u0061":2}',
    '{"__proto__":1}', '{"__proto__":{"x":1}}', '{"__proto__":null}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1}', '{"hasOwnProperty":1,"valueOf":2}', '{"toJSON":1}', '{"then":1}', '{"length":1}', '{"$ref":"#"}', '{"2":1,"1":2,"a":3,"0":4}', '{"10":1,"9":2}', '{"é":1,"e\u0301":2}', '{"\\u00e9":1}', '{"\u{1f600}":1}', '{"a.b":1,"a/b":2,"a~b":3}', '{"a\\nb":1}', '{"\\u0001":1}',
    `${'['.repeat(20)}${']'.repeat(20)}`, `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`, `[${'0,'.repeat(1000)}0]`, `{${Array.from({ length: 500 }, (_, i) => `"k${i}":${i}`).join()}}`)
]

/** What must not be taken: some of it breaks off, so that it ends or goes on with what is put behind it, and is none all the same. */
export const REFUSED: readonly Buffer[] = [
  ...text('', ' ', 'x', 'nul', 'nulll', 'Null', 'NULL', 'True', 'FALSE', 'undefined', 'NaN', '-NaN', 'Infinity', '-Infinity', '+Infinity', 'None', 'nil', '()', '<null>', '*', '&', '@', '\\', '`x`', "'x'", 'x"', '%', '#', ';'),
  // Numbers.
  ...text('01', '-01', '00', '-00', '+1', '++1', '--1', '-', '+', '.5', '-.5', '1.', '-1.', '1.e3', '.e1', '1e', '1E', '1e+', '1e-', '1e1.5', '1e1e1', '1.5.5', '1 000', '1_000', '1,000,', '0x1F', '0b1', '0o7', '1a', '1x', '0x', '1n', '1/2', '1-1', '- 1', '1\u00a0', '１', '١', '½', '∞', '1e１', '0.', '-a', '1.a', '2.e+3', '0e', '0e+', '012', '-012', '-1x', '1eE2', '9.e+'),
  // Strings.
  ...text('"', '"x', '"\\"', '"\\', '"\\x"', '"\\x41"', '"\\a"', '"\\0"', '"\\v"', '"\\\'"', '"\\ "', '"\\\n"', '"\\u"', '"\\u1"', '"\\u12"', '"\\u123"', '"\\u123g"', '"\\uD83D\\u"', '"\\u 123"', '"\\U0041"', '"\\u{41}"', '"\\é"', '"\n"', '"\r"', '"\t"', '"\0"', '"a\0b"', '"\u0001"', '"\u001f"', '"\b"', '"x" "y"', '"x""y"', '"x"y', 'x"y"', '\\u0022x\\u0022', '“x”', '"x\'', '\'x"', '"a\nb"'),
  // Arrays and objects.
  ...text('[', ']', '[[', '[1', '[1,', '[,', '[,1]', '[1,]', '[1,,2]', '[1,,]', '[,,]', '[1 2]', '[1;2]', '[1:2]', '["a":1]', '[1}', '[1]]', '[]]', '[1]x', '[x]', '[*]', '[-]', '[1.]', '[01]', '[nul]', '["x]', '["x', '[\u00a0]', '[1\u000b]', '[\f]', '[\u2060]', '[\\n]', '[/*x*/]', '[1 // x\n]', '[#x\n1]', '[...x]', '[<null>]', '[\'x\']', '[""',
    '{', '}', '{{', '{}}', '{,}', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a":1,,"b":2}', '{,"a":1}', '{"a"}', '{"a":}', '{"a",1}', '{"a" 1}', '{"a"::1}', '{"a":1:2}', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a"=1}', '{"a"=>1}', '{a:1}', '{\'a\':1}', '{1:1}', '{null:1}', '{:1}', '{"a":1}}', '{"a":1]', '{"a":x}', '{"a":1}x', '{"a":1}#', '{"a":1}//', '{"a":1}/**/', '{"a":/*x*/1}', '{"a":"b', '{"a":"b"', '{"a', '{[]:1}', '{"a":1,b}', '{"a" "b"}', '{"a":1 ,, }', '{}{}', '[][]', '{} []', '[]{}', '1 2', '1,2', '"a":1', 'null null'),
  // Other white space, and other line ends.
  ...text('\u00a0null', 'null\u00a0', '\u2028null', '\u000bnull', '\fnull', 'null\0', '\0', '\u0085null', '\u200bnull', 'null\u001a', '\u0001'),
  // Other notations.
  ...text('<a/>', 'a: 1', '- a', 'a=1', 'a=1&b=2', '--x\r\n\r\n', '!!int 1', '/x/', 'new Date()', '(1)', '{"$x":function(){}}', 'while(1);{}', ')]}\'{}', 'x({})', '\ufeff\ufeffnull'),
  // What is no UTF-8 (RFC 3629), outside of strings, and within.
  ...bytes([0xff], [0xfe, 0xff, 0, 0x7b, 0, 0x7d], [0x7b, 0, 0x7d, 0], [0xe9], ['[', 0xff, ']'], ['{"a":', 0x80, '}']),
  ...bytes([0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xe2, 0x28, 0xa1], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80], [0xfe], [0xff], [0xe9])
    .flatMap((middle) => [Buffer.concat([Buffer.from('"'), middle, Buffer.from('"')]), Buffer.concat([Buffer.from('{"'), middle, Buffer.from('":1}')])]),
  // What is deeper, or more, than is read.
  ...text(`${'['.repeat(65)}${']'.repeat(65)}`, `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, '['.repeat(100_000), '{"a":'.repeat(10_000), `${'['.repeat(10_000)}${']'.repeat(10_000)}`, `[${'0,'.repeat(30_000)}0]`, '[{"a":'.repeat(1000))
]

/** JSON that has what no text of every store can have, or no number of JavaScript: it must be refused too, in words of its own. */
export const UNFIT: readonly Buffer[] = text(
  '"\\u0000"', '"a\\u0000b"', '["\\u0000"]', '{"\\u0000":1}', '{"a":"\\u0000"}',
  '"\\ud800"', '"\\udc00"', '"\\ud800x"', '"\\ud800\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\u0041"', '"x\\uDBFF"', '["\\ud800"]', '{"\\ud800":1}', '{"a":{"b":["\\udfff"]}}',
  '1e400', '-1e400', '1e309', '[1e999]', '{"a":-1e999}', `1${'0'.repeat(400)}`, '1.8e308'
)
