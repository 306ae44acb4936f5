/* eslint no-template-curly-in-string: off */

// Texts that programs have stumbled over. All are well-formed Unicode, but the last, which no JSON in UTF-8 can carry as they are.

/** Texts for which some program, of those that a text passes through, has a meaning of its own. */
export const STRINGS: readonly string[] = [
  // Nothing, or what looks like it.
  '', ' ', '\t', '\n', '\r\n', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u2028', '\u2029', ' x ', '\u200bx\u200b', 'x\u00a0', '\ufeffx', 'x\n', '\nx', '\u180e', '\u0085x', '\u2060', '\u115f\u1160', '\u3164',
  // Words that stand for no text.
  'null', 'NULL', 'nil', 'None', 'undefined', 'true', 'false', 'True', 'TRUE', 'yes', 'no', 'on', 'off', 'NaN', '-NaN', 'Infinity', '-Infinity', '(null)', 'void 0', '[object Object]', 'function () {}',
  // Numbers, or what some take for one.
  '0', '-0', '00', '01', '+1', '1.0', '1e3', '1E400', '-1', '0x1F', '0b101', '0o17', '1_000', '1,000', '1.000,00', '١٢٣', '१२३', '１２３', '½', '²', 'Ⅻ', '∞', '1/0', '0/0', '9007199254740993', '-9223372036854775809',
  '0.1e-5', '.5', '5.', '1 000', '1\u202f000', '$1', '1%', '2147483648', '18446744073709551616', '1.7976931348623159e309', '4.9e-325',
  // Dates, and what some take for one.
  '1967-01-01', '1967-13-45', '0000-00-00', '1967-01-01T00:00:00Z', '24:00', 'Jan 1 1967', '1-2-3', 'MARCH1',
  // Names that objects, languages and systems have already.
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf', 'toJSON', 'then', 'length', 'self', 'class', 'this', 'CON', 'NUL', 'COM1', 'aux.txt', 'LPT9', 'id', '$id', '$ref', '_id', 'id ',
  // Other languages of programs.
  "'", '"', '`', '\\', '\\\\', '\\n', '\\0', '\\u0000', '\\x41', "''", '""', "' or '1'='1", "'; drop table languages; --", '1; select pg_sleep(9)', "x' union select null --", '" or ""="', '$$', '$1', ':name', '?', '??', '%', '%%', '_', '100%_',
  '{"$gt":""}', '{"a":1}', '[]', '{}', '"quoted"', '\\"', '/* x */', '-- x', '# x', '// x', '<!-- x', ']]>', '<![CDATA[x]]>', '<?xml version="1.0"?>', '<!ENTITY x SYSTEM "file:///etc/passwd">',
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)', '<svg/onload=alert(1)>', '&lt;b&gt;', '&#x3c;', '&amp;amp;', '<b>x</b>', '</textarea>', '{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{% x %}',
  '$(id)', '`id`', '; ls -la', '| cat /etc/passwd', '&& reboot', '> /dev/null', '$HOME', '%PATH%', '!!', '~', '*', '-rf', '--help', '() { :; }; true', '%s%n%x%d', '%1$s', '%p', '{0}', '%(name)s', '${jndi:ldap://x/a}', '=1+1', '=cmd|\'/c calc\'!A1', '@SUM(1)',
  // Paths and addresses.
  '.', '..', '...', './', '../', '../../../../etc/passwd', '..\\..\\boot.ini', '/', '//', '/etc/passwd', 'C:\\x', '\\\\host\\share', 'file:///etc/passwd', 'http://127.0.0.1:22/', '//example.com', 'a/b', 'a//b', 'a?b', 'a#b', 'a;b', 'a&b=c', 'a=b', 'a+b', 'a b',
  '%', '%2', '%41', '%zz', '%00', '%2e%2e', '%252e', '%c0%af', '%u0041', '+', '%20', '%25', '::1', '[::1]', 'x@y', 'mailto:x', 'a,b', ',', ',,', '-name', 'name,-id',
  // Line ends and other controls.
  'a\rb', 'a\nb', 'a\r\nSet-Cookie: x=1', 'a\tb', 'a\u000bb', 'a\fb', 'a\bb', 'a\u0001b', 'a\u001bb', '\u001b[31mred\u001b[0m', 'a\u007fb', 'a\u0080b', 'a\u009fb', '\u0007', '\u001f', 'a\u2028b\u2029c', 'a\u0085b',
  // Characters outside of the first plane, and those that are none yet.
  '\u{10000}', '\u{1f600}', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}', '\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}', '\u{1f44d}\u{1f3fd}', '\u2764\ufe0f', '1\ufe0f\u20e3', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '\u{10ffff}', '\uffff', '\ufffe', '\ufffd', '\ufdd0', '\u{1fffe}', '\ue000', '\u{f0000}', '\u{e0001}', '\u{20bb7}野家', '\u{1d518}\u{1d52b}\u{1d526}',
  // Characters that are joined, turned or hidden.
  'é', 'e\u0301', 'Å', '\u212b', 'A\u030a', 'ﬁ', 'ß', 'ẞ', 'İ', 'ı', 'ſ', 'ς', 'Σ', 'ǆ', 'ﷺ', 'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031ea\u0320\u034dl\u034e\u0346g\u0315o', 'x\u0301\u0301\u0301\u0301\u0301\u0301', '\u0301', '\u202eabc', '\u202dabc\u202c', '\u2066abc\u2069', '\u200eabc', '\u200fאבג', 'abc אבג def', 'مرحبا', 'שלום', 'a\u00adb', 'a\u034fb', 'a\u200cb', 'a\u200db', '\u200b\u200c\u200d',
  // Scripts of people, and letters that look like others.
  'Ελληνικά', 'Русский', '中文', '日本語', '한국어', '한국어', 'हिन्दी', 'বাংলা', 'தமிழ்', 'ไทย', 'ລາວ', 'ខ្មែរ', 'မြန်မာ', 'ქართული', 'Հայերեն', 'አማርኛ', 'ᏣᎳᎩ', 'ᚠᚢᚦ', '𒀀𒀁', '𓀀', 'раураl', 'ＡＢＣ', 'ｶﾀｶﾅ', '℡', '①', '…', '“”', '‘x’', '—', '«»', '×', '¡™£¢∞§¶•ªº', '田中さん', '社會科學院', '(╯°□°)╯︵ ┻━┻', '¯\\_(ツ)_/¯', 'ʇxǝʇ', 'ⓣⓔⓧⓣ', '⠞⠑⠭⠞',
  // Texts that what reads word lists or sizes stumbles over.
  'Scunthorpe', 'x'.repeat(199), 'x'.repeat(200), 'x'.repeat(201), '\u{1f600}'.repeat(200), '\u{1f600}'.repeat(201), 'é'.repeat(200), 'e\u0301'.repeat(100), '\u0000', 'x\u0000', '\u0000x'
]

/** Texts with half of a character, as JavaScript can have them: JSON spells them by escapes alone. */
export const LONE_SURROGATES: readonly string[] = ['\ud800', '\udc00', 'x\ud83d', '\ude00x', '\udc00\ud800', '\ud83d\ud83d\ude00']
