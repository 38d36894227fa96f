import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/** Posts as the Android SDK does: java Sender.java BASE_URL, no Content-Type set. */
public class Sender {
    public static void main(String[] args) throws Exception {
        String path = "/events?tc_firsttime=1&tc_s=29&token=7183b9d4-1031-11ee-be56-0242ac120002";
        for (String name : new String[] {"page_view", "caf\u00e9"}) {
            HttpURLConnection connection =
                    (HttpURLConnection) new URL(args[0] + path).openConnection();
            connection.setConnectTimeout(5000);
            connection.setReadTimeout(5000);
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            String event = "{\"event_name\":\"" + name + "\",\"value\":1.5}";
            try (OutputStream out = connection.getOutputStream()) {
                out.write(event.getBytes(StandardCharsets.UTF_8));
            }
            System.out.println(connection.getResponseCode());
        }
    }
}
